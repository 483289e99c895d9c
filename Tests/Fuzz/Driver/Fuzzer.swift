#if FUZZING
import CFuzzer
import FuzzTargets
import Glibc

/// libFuzzer, which makes inputs that reach code that was not reached before.
enum Fuzzer {
  // Proof: it is set once, before the only thread that reads it begins to.
  nonisolated(unsafe) fileprivate static var target: FuzzTarget?

  /// Runs a target until libFuzzer ends the process.
  static func run(_ target: FuzzTarget, _ words: [String]) -> Never {
    self.target = target
    // The target's name takes the place of the program's.
    var count = Int32(words.count)
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    let status = pointers.withUnsafeMutableBufferPointer { buffer in
      var start = buffer.baseAddress
      return withUnsafeMutablePointer(to: &start) { start in
        start.withMemoryRebound(
          to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1
        ) { arguments in
          LLVMFuzzerRunDriver(&count, arguments) { runOne($0, $1) }
        }
      }
    }
    exit(status)
  }
}

/// What libFuzzer's own program would call, too; its library is linked whole.
@_cdecl("LLVMFuzzerTestOneInput")
func runOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  Fuzzer.target?.run(Array(UnsafeBufferPointer(start: data, count: size)))
  return 0
}
#endif
