import Files
import Glibc
import SystemPackage

/// A word in a shared file on which processes wait for a leader's news; see `futex(2)`.
///
/// The mapping is only passed to the system call. If the file is truncated, the call fails with EFAULT,
/// where an access would raise SIGBUS. The word is read and written through the descriptor.
@safe
final class WakeWord: @unchecked Sendable {
  // Proof: both are constants; the mapping is never dereferenced here.
  private let file: OpenFile?
  private let address: UnsafePointer<UInt32>?
  private let context: StoreContext
  /// When a chore was last done at the earliest, in milliseconds since 1970 UTC.
  private let knownTimes = Monitor<[Chore: Int]>([:])
  private let lastPublicGeneration = Monitor<UInt32?>(nil)
  /// The value that this process wrote last.
  private let lastWritten = Monitor<UInt32?>(nil)

  private var system: SystemCalls { context.system }

  /// Opens the word; if that fails, each wait is a short sleep.
  init(_ context: StoreContext) {
    self.context = context
    let system = context.system
    let file = try? system.open(context.directory.wakeWord, O_RDWR | O_CREAT)
    var address: UnsafePointer<UInt32>?
    if let file,
      (try? system.status(file))?.size ?? 0 >= 4
        || (try? system.write([0, 0, 0, 0], to: file, at: 0)) != nil
    {
      unsafe address = try? system.map(file)
    }
    self.file = file
    unsafe self.address = address
  }

  deinit {
    if let address = unsafe address { unsafe system.unmap(address) }
  }

  /// The word's current value, to be passed to `wait(while:atMost:)`.
  var value: UInt32 { read()?.word ?? 0 }

  /// Whether a value is the one that this process wrote: no other has led since, or none that was heard of.
  func isOwn(_ value: UInt32) -> Bool {
    lastWritten.withLock { $0 == value }
  }

  /// The generation that the public files are at, as far as 32 bits hold it; `nil` if it cannot be read.
  var publicGeneration: UInt32? { read()?.publicGeneration ?? nil }

  /// Whether the public files are at a generation; what was read last is enough to know that they are.
  func arePublicFiles(at generation: Int) -> Bool {
    let wanted = UInt32(truncatingIfNeeded: generation)
    return lastPublicGeneration.withLock { $0 } == wanted || publicGeneration == wanted
  }

  /// Forgets what was read: the generations may have begun anew.
  func forgetPublicGeneration() {
    lastPublicGeneration.withLock { $0 = nil }
  }

  /// Both numbers; a file that an earlier version made, or a new one, has the word only.
  private func read() -> (word: UInt32, publicGeneration: UInt32?)? {
    guard let file, let bytes = try? system.read(file, count: 8), bytes.count >= 4 else {
      return nil
    }
    let numbers = stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
    let publicGeneration = numbers.count > 1 ? numbers[1] : nil
    lastPublicGeneration.withLock { $0 = publicGeneration }
    return (numbers[0], publicGeneration)
  }

  /// Waits until the word changes, at most for the limit.
  ///
  /// - Returns: Whether there was news; `false` if the word cannot be waited on.
  @discardableResult
  func wait(while value: UInt32, atMost limit: Duration) -> Bool {
    if let file, let address = unsafe address {
      do throws(Errno) {
        try unsafe system.wait(
          on: address, while: value.littleEndian, atMost: limit.nanoseconds, of: file)
        return true
      } catch .wouldBlock {
        return true
      } catch  where [.interrupted, .timedOut].contains(error) {
        return false
      } catch {
        // The file was truncated, or this kernel cannot wait on it.
      }
    }
    usleep(1000)
    return false
  }

  /// A chore; when a process last did it is recorded after the word, for all processes.
  enum Chore: Int {
    case publicFiles = 1
    case checkpoint = 2
  }

  /// Returns whether no process has done a chore for a span of time.
  func isDue(_ chore: Chore, everyMilliseconds limit: Int, nowMilliseconds: Int) -> Bool {
    // What this process knows can only be too early.
    let known = knownTimes.withLock { $0[chore] }
    if let known, (0..<limit).contains(nowMilliseconds - known) { return false }
    guard let file, let bytes = try? system.read(file, at: 8 * chore.rawValue, count: 8),
      bytes.count == 8
    else { return true }
    let last = Int(truncatingIfNeeded: bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    knownTimes.withLock { $0[chore] = last }
    let passed = nowMilliseconds &- last
    // A clock that was set back must not stop it.
    return passed < 0 || passed >= limit
  }

  /// Records for all processes that a chore is done.
  func note(_ chore: Chore, nowMilliseconds: Int) {
    knownTimes.withLock { $0[chore] = nowMilliseconds }
    let bytes = (0..<8).map { UInt8(truncatingIfNeeded: nowMilliseconds >> (8 * $0)) }
    // Without this record it is only done more often than necessary.
    if let file { try? system.write(bytes, to: file, at: 8 * chore.rawValue) }
  }

  /// Wakes the processes that wait, and those that are about to.
  ///
  /// The new value is random, not counted up: two processes that count at once would write the same value,
  /// and a process that read it in between would miss the second news.
  /// - Parameter publicGeneration: The generation that the public files are at; `nil` if nobody knows.
  func advance(publicGeneration: Int?) {
    guard let file else { return }
    // Not the store's surroundings: those of a test may repeat themselves.
    let word = UInt32(truncatingIfNeeded: Surroundings.machine.randomBits())
    if let publicGeneration {
      lastPublicGeneration.withLock { $0 = UInt32(truncatingIfNeeded: publicGeneration) }
    }
    let numbers = [word] + (publicGeneration.map { [UInt32(truncatingIfNeeded: $0)] } ?? [])
    let bytes = numbers.flatMap { number in
      (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    // A process that is not woken looks again after its limit.
    try? system.write(bytes, to: file, at: 0)
    lastWritten.withLock { $0 = word }
    if let address = unsafe address { unsafe system.wake(on: address, of: file) }
  }
}
