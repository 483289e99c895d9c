import CFiles
import Synchronization

/// Random bits of the kernel, fetched many at a time; see `getrandom(2)`.
///
/// A child process must not continue with its parent's: this program starts others, and never forks itself.
final class RandomBits: Sendable {
  /// As many bytes as one call gives without being interrupted.
  private static let bytesOfCall = 256

  static let ofMachine = RandomBits()

  private let unused = Mutex<[UInt64]>([])

  /// Returns 64 bits that nobody else gets.
  func next() -> UInt64 {
    unused.withLock { unused in
      if unused.isEmpty { unused = Self.fetch() }
      return unused.removeLast()
    }
  }

  private static func fetch() -> [UInt64] {
    let count = bytesOfCall / MemoryLayout<UInt64>.size
    // The buffer is as long as said, and every byte of it is initialized when the call succeeds.
    let bits = unsafe [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
      let result = unsafe contest_random(buffer.baseAddress, bytesOfCall)
      filled = result == bytesOfCall ? count : 0
    }
    if !bits.isEmpty { return bits }
    var generator = SystemRandomNumberGenerator()
    return [generator.next()]
  }
}
