import Glibc

/// The clock and the source of random numbers, from which times and names are made.
public struct Surroundings: Sendable {
  /// Milliseconds since 1970 UTC.
  public let nowMilliseconds: @Sendable () -> Int
  /// 64 unpredictable bits.
  public let randomBits: @Sendable () -> UInt64

  /// Makes surroundings for a test.
  public init(
    nowMilliseconds: @escaping @Sendable () -> Int, randomBits: @escaping @Sendable () -> UInt64
  ) {
    self.nowMilliseconds = nowMilliseconds
    self.randomBits = randomBits
  }

  /// The clock and the random numbers of this machine.
  public static let machine = Surroundings(
    nowMilliseconds: {
      var time = timespec()
      unsafe clock_gettime(CLOCK_REALTIME, &time)
      return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
    },
    randomBits: { RandomBits.ofMachine.next() })

  /// Returns a unique identifier: `<ms>-<6 base36>`.
  public func identifier() -> String {
    let digits = String(randomBits() % 2_176_782_336, radix: 36)
    return "\(nowMilliseconds())-" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Returns the unique part of a file's name: `<ms>-<8 hex>`.
  public func fileStem() -> String {
    "\(nowMilliseconds())-\(Surroundings.hex8(UInt32(truncatingIfNeeded: randomBits())))"
  }

  /// Returns a value as eight hexadecimal digits.
  public static func hex8(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
