import FuzzTargets
import Glibc

// With libFuzzer: contest-fuzz TARGET [option of libFuzzer …] [folder …]
// Without: contest-fuzz TARGET [file …] runs the target once for each file.
// contest-fuzz --list names the targets; contest-fuzz --strip TYPE IN OUT strips one photo.

let words = Array(CommandLine.arguments.dropFirst())

/// Ends the process with what is wrong.
func fail(_ message: String) -> Never {
  let line = Array("contest-fuzz: \(message)\n".utf8)
  write(STDERR_FILENO, line, line.count)
  exit(64)
}

/// The bytes of a file.
func contents(of path: String) -> [UInt8] {
  guard let file = fopen(path, "r") else { fail("\(path) cannot be read") }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var block = [UInt8](repeating: 0, count: 65_536)
  while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
  return bytes
}

if words.first == "--list" {
  for target in FuzzTarget.all { print(target.name) }
  exit(0)
}
if words.first == "--strip" {
  guard words.count == 4 else { fail("--strip TYPE IN OUT") }
  guard let kept = FuzzTarget.stripped(contents(of: words[2]), type: words[1]) else { exit(1) }
  guard let file = fopen(words[3], "w") else { fail("\(words[3]) cannot be written") }
  fwrite(kept, 1, kept.count, file)
  fclose(file)
  exit(0)
}
guard let target = words.first.flatMap(FuzzTarget.named) else {
  fail("name a target: \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
}

#if FUZZING
Fuzzer.run(target, words)
#else
for path in words.dropFirst() { target.run(contents(of: path)) }
#endif
