import ASCII
import JSON
import Photos

/// Photos of four kinds.
extension FuzzTarget {
  /// What nobody is to find in what is left, wherever the input has it.
  private static let marker = Array("SecretMarker".utf8)

  static let photos = ImageType.allCases.map { type in
    FuzzTarget(name: type.rawValue) { bytes in
      guard let (kept, size) = stripped(bytes, type) else { return }
      guard let (again, sizeAgain) = stripped(kept, type) else {
        fatalError("what was stripped is refused")
      }
      require(again == kept, "stripping twice is not stripping once")
      require(sizeAgain == size, "stripping changes the size")
      require(ImageType(signature: Array(kept.prefix(12))) == type, "it is another kind afterwards")
      guard !contains(kept, marker), let planted = planting(marker, in: kept, type) else { return }
      require(stripped(planted, type)?.0 == kept, "a planted marker changes what is left")
    }
  }

  /// What is left of a picture, with its size; `nil` when it is refused.
  static func stripped(_ bytes: [UInt8], _ type: ImageType) -> ([UInt8], PictureSize)? {
    guard ImageType(signature: Array(bytes.prefix(12))) == type else { return nil }
    let picture = PictureBytes(count: bytes.count) { offset, count throws(PhotoError) in
      // As a file does: nothing behind its end.
      Array(bytes.dropFirst(offset).prefix(count))
    }
    do throws(PhotoError) {
      let result = try MetadataStripper.result(of: type, picture, maxPixels: PhotoStore.maxPixels)
      var kept: [UInt8] = []
      for piece in result.pieces {
        switch piece {
        case .copy(let range):
          require(bytes.indices.contains(range.lowerBound), "a piece begins outside of the file")
          require(range.upperBound <= bytes.count, "a piece ends outside of the file")
          kept += bytes[range]
        case .bytes(let made): kept += made
        }
      }
      require(!kept.isEmpty, "nothing is left of an accepted picture")
      return (kept, result.size)
    } catch {
      return nil
    }
  }

  /// A picture with some bytes as metadata in it: the first block behind its header, or the last of a
  /// RIFF file.
  private static func planting(
    _ secret: [UInt8], in picture: [UInt8], _ type: ImageType
  ) -> [UInt8]? {
    let count = UInt8(secret.count)
    switch type {
    case .jpeg: return inserting([0xFF, 0xFE, 0, count + 2] + secret, at: 2, of: picture)
    case .png:
      let chunk = [0, 0, 0, count] + Array("tEXt".utf8) + secret + [0, 0, 0, 0]
      return inserting(chunk, at: 33, of: picture)
    case .gif:
      let table = picture[10] & 0x80 == 0 ? 0 : 3 << (Int(picture[10] & 7) + 1)
      return inserting([0x21, 0xFE, count] + secret + [0], at: 13 + table, of: picture)
    case .webp:
      // A byte may be missing that makes the last chunk even.
      guard picture.count.isMultiple(of: 2) else { return nil }
      var planted = picture + Array("XMP ".utf8) + [count, 0, 0, 0] + secret
      for index in 0..<4 {
        planted[4 + index] = UInt8(truncatingIfNeeded: (planted.count - 8) >> (8 * index))
      }
      return planted
    }
  }

  private static func inserting(_ part: [UInt8], at place: Int, of bytes: [UInt8]) -> [UInt8] {
    Array(bytes[..<place]) + part + bytes[place...]
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    bytes[...].index(ofBytes: part) != nil
  }
}

extension FuzzTarget {
  /// What is left of a picture of a type; `nil` when it is refused.
  public static func stripped(_ bytes: [UInt8], type: String) -> [UInt8]? {
    ImageType(rawValue: type).flatMap { stripped(bytes, $0)?.0 }
  }
}
