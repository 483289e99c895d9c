import ASCII

/// A colour of the screen, as `#rrggbb` writes it.
public struct PhotoColour: Sendable, Equatable {
  /// Red, green and blue, a byte each.
  let value: Int

  /// Reads `#rrggbb`; `nil` for anything else.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6,
      digits.allSatisfy(\.isHexDigit), let value = Int(text.dropFirst(), radix: 16)
    else { return nil }
    self.value = value
  }
}

/// A picture's placeholder, shown until the picture is loaded: its aspect ratio and its colour.
///
/// Both are encoded in the photo's name, so its URL alone is enough to show the placeholder. After the
/// identifier come three digits for the ratio of width to height and five for the colour, in base 36.
struct PhotoLook {
  /// 256 steps for each doubling, from 1:64 to 64:1; a ratio of 1 is in the middle.
  private static let (stepsOfDoubling, middle) = (256.0, 1536)
  /// The neutral grey used when no colour is given.
  private static let neutral = 0x1E1E1E

  let size: PictureSize
  let colour: PhotoColour?

  /// Eight digits and letters.
  var text: String {
    Self.digits(ratio, count: 3) + Self.digits(colour?.value ?? Self.neutral, count: 5)
  }

  private var ratio: Int {
    let doublings = Self.binaryLogarithm(Double(size.width) / Double(size.height))
    return min(
      max(0, Self.middle + Int((doublings * Self.stepsOfDoubling).rounded())), 2 * Self.middle)
  }

  /// Computes the logarithm by repeated squaring, accurate to a thousandth, without a maths library.
  private static func binaryLogarithm(_ number: Double) -> Double {
    var (rest, result, bit) = (number.significand, Double(number.exponent), 0.5)
    while bit > 0.0005 {
      rest *= rest
      if rest >= 2 {
        rest /= 2
        result += bit
      }
      bit /= 2
    }
    return result
  }

  private static func digits(_ value: Int, count: Int) -> String {
    let text = String(value, radix: 36)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}
