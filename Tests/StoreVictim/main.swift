import DirectoryStore
import DurableStore
import Files
import Glibc
import StoreProof

// Does one thing to a store, and is killed before or after a system call if one is named, or stopped there:
//   store-victim DIRECTORY SCENARIO [NUMBER before|after|stopped]
// or commits and reads for a while, and writes down what it saw:
//   store-victim DIRECTORY history FILE SEED MILLISECONDS

let arguments = CommandLine.arguments
if arguments.count == 6, arguments[2] == "history", let seed = UInt64(arguments[4]),
  let milliseconds = Int(arguments[5])
{
  let history = HistoryWriter(
    DataDirectory(arguments[1]), path: arguments[3], seed: seed, SystemCalls())
  do { try history.run(threads: 4, milliseconds: milliseconds) } catch { print(error) }
  exit(0)
}
guard arguments.count >= 3, let scenario = Scenario(rawValue: arguments[2]) else { exit(64) }
var intercept: SystemCalls.Intercept = { _, _ in .proceed }
if arguments.count == 5, let number = Int(arguments[3]) {
  let moment: SystemCall.Moment = arguments[4] == "after" ? .after : .before
  intercept = signalling(arguments[4] == "stopped" ? SIGSTOP : SIGKILL, at: number, moment)
}
do {
  try scenario.act(on: DataDirectory(arguments[1]), intercept)
  print("done")
} catch {
  print(error)
}
