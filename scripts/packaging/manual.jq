# Makes a program's manual page from its help, dumped as JSON; see man(7).
def escaped: (. // "") | gsub("\\\\"; "\\e") | gsub("(?m)^(?<dot>[.'])"; "\\&\(.dot)") | gsub("-"; "\\-");
def names: [.names[]? | (if .kind == "short" then "-" else "--" end) + .name] | join(", ");
def argument:
  ".TP\n" +
  (if .kind == "positional" then "\\fI\(.valueName | escaped)\\fR"
   elif .kind == "flag" then "\\fB\(names | escaped)\\fR"
   else "\\fB\(names | escaped)\\fR \\fI\(.valueName | escaped)\\fR" end) +
  "\n\((.abstract // "") | escaped)" +
  (if .defaultValue then " Default: \(.defaultValue | escaped)." else "" end);
def own: map(select(.shouldDisplay and ([.names[]?.name] | any(IN("help", "version", "h", "data-dir")) | not)));
def command($before):
  if .subcommands then
    .commandName as $name | .subcommands[] | select(.commandName != "help") | command("\($before)\($name) ")
  else
    ".SS \($before | escaped)\(.commandName | escaped)\n\(.abstract | escaped)\n" +
    (if .discussion then ".PP\n\(.discussion | escaped)\n" else "" end) +
    ([(.arguments // []) | own[] | argument] | map(. + "\n") | join(""))
  end;
.command |
".TH \(.commandName | ascii_upcase) 1 \"\" \"\($version)\" \"Tattoo contest\"\n" +
".SH NAME\n\(.commandName) \\- look after the data of a tattoo contest\n" +
".SH SYNOPSIS\n.B \(.commandName)\n.I command\n[\\fB\\-\\-data\\-dir\\fR \\fIdirectory\\fR] [\\fIoption\\fR ...]\n" +
".SH DESCRIPTION\n\(.abstract | escaped)\n.PP\nThe data directory is that of \\fB\\-\\-data\\-dir\\fR, else that of " +
"DATA_DIR, in the environment or in contest.env(5).\n.SH COMMANDS\n" +
([.subcommands[] | select(.commandName != "help") | command("")] | join("")) +
".SH SEE ALSO\ncontest.env(5), tattoo\\-contest(8), tattoo\\-contest\\-setup(8)"
