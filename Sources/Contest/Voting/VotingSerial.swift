/// The serial of a code: four characters of base 32.
public enum VotingSerial {
  /// 20 bits.
  public static let highest = 1 << 20 - 1

  /// The serial as text, such as `03F7`.
  public static func text(_ serial: Int) -> String {
    Base32.digits(of: UInt64(serial), count: 4)
  }

  /// The serial that a text means; `nil` if it is none.
  public static func serial(of text: String) -> Int? {
    let digits = Base32.read(text)
    return digits.count == 4 ? Base32.number(of: digits).map(Int.init) : nil
  }
}
