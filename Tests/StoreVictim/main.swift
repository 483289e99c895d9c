import DurableStore
import Glibc
import StoreProof

// Does one thing to a store, and is killed at a system call if one is named:
//   store-victim DIRECTORY SCENARIO [NUMBER before|after]

let arguments = CommandLine.arguments
guard arguments.count >= 3, let scenario = Scenario(rawValue: arguments[2]) else { exit(64) }
var system = SystemCalls()
if arguments.count == 5, let number = Int(arguments[3]) {
  system = killing(at: number, arguments[4] == "after" ? .after : .before)
}
do {
  try scenario.act(on: DataDirectory(arguments[1]), system)
  print("done")
} catch {
  print(error)
}
