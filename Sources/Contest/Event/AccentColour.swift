import ASCII
import Glibc

/// A colour of sRGB in which pages set links and headings, `#rrggbb`.
public struct AccentColour: Sendable, Equatable {
  /// What pages show it on: the lightest of their dark surfaces.
  private static let surface = AccentColour(channels: [0x1E, 0x1E, 0x1E])
  private static let white = AccentColour(channels: [0xFF, 0xFF, 0xFF])
  private static let black = AccentColour(channels: [0, 0, 0])
  /// The contrast that text needs (WCAG 2.2, success criterion 1.4.3, level AA).
  private static let minContrast = 4.5

  /// Red, green and blue, 0 to 255.
  private let channels: [Int]

  private init(channels: [Int]) {
    self.channels = channels
  }

  /// Reads `#rrggbb`; `nil` for any other text.
  public init?(_ text: String) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6, digits.allSatisfy(\.isHexDigit),
      let number = Int(text.dropFirst(), radix: 16)
    else { return nil }
    channels = [number >> 16, number >> 8 & 255, number & 255]
  }

  /// `#rrggbb`.
  public var text: String {
    "#" + channels.map { String(256 + $0, radix: 16).dropFirst() }.joined()
  }

  /// Whether text in this colour can be read on every page.
  public var isReadable: Bool { contrast(to: Self.surface) >= Self.minContrast }

  /// The nearest colour towards white that can be read on every page.
  public var nearestReadable: AccentColour {
    mixed(with: Self.white) { $0.isReadable }
  }

  /// The nearest colour towards black on which white text can be read, for buttons.
  public var nearestForButtons: AccentColour {
    mixed(with: Self.black) { $0.contrast(to: Self.white) >= Self.minContrast }
  }

  /// The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
  func contrast(to other: AccentColour) -> Double {
    let (darker, lighter) = (min(luminance, other.luminance), max(luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)
  }

  /// The relative luminance, 0 to 1 (WCAG 2.2, "relative luminance").
  private var luminance: Double {
    zip(channels, [0.2126, 0.7152, 0.0722]).reduce(0) { sum, pair in
      let value = Double(pair.0) / 255
      return sum + pair.1 * (value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4))
    }
  }

  /// Mixes in as little of another colour as makes it suitable.
  private func mixed(
    with other: AccentColour, until isSuitable: (AccentColour) -> Bool
  ) -> AccentColour {
    for share in 0..<255 {
      let mixed = AccentColour(
        channels: zip(channels, other.channels).map { $0 + ($1 - $0) * share / 255 })
      if isSuitable(mixed) { return mixed }
    }
    return other
  }
}
