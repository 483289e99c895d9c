/// A picture format that not every browser supports; such photos are converted to JPEG.
public enum ConvertibleType: String, Sendable {
  case heic = "HEIC"
  case avif = "AVIF"

  /// Recognizes it by the brands of its first box (ISO/IEC 14496-12, section 4.3; ISO/IEC 23008-12,
  /// annex B; AVIF 1.1, section 6); `nil` for everything else.
  ///
  /// - Parameter head: The first bytes of the file; 64 are enough.
  public init?(signature head: [UInt8]) {
    guard head.count >= 12, head[4..<8].elementsEqual("ftyp".utf8) else { return nil }
    let announced = head[0..<4].reduce(0) { $0 << 8 | Int($1) }
    let end = min(head.count, max(12, announced))
    // The major brand, its version, the compatible brands.
    let brands = stride(from: 8, to: end - 3, by: 4).filter { $0 != 12 }.map {
      String(decoding: head[$0..<($0 + 4)], as: UTF8.self)
    }
    if brands.contains(where: ["avif", "avis"].contains) {
      self = .avif
    } else if brands.contains(where: ["heic", "heix", "heim", "heis", "hevc", "hevx"].contains) {
      self = .heic
    } else {
      return nil
    }
  }
}
