import Glibc

/// A line that the terminal does not show while it is typed.
enum HiddenInput {
  /// Reads a line from standard input; prints the prompt only if that is a terminal.
  static func readLine(prompt: String) -> String? {
    guard isatty(STDIN_FILENO) == 1 else { return Swift.readLine() }
    var settings = termios()
    // The settings live in this function; see termios(3).
    guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return Swift.readLine() }
    var hidden = settings
    hidden.c_lflag &= ~tcflag_t(ECHO)
    unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
    defer {
      unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
      print()
    }
    print(prompt, terminator: "")
    fflush(nil)
    return Swift.readLine()
  }
}
