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
      if isPlanted(bytes, type) {
        require(!contains(kept, marker), "a planted marker survives")
      }
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

  /// Whether the marker stands in a place for metadata, as a chunk or segment of its own.
  private static func isPlanted(_ bytes: [UInt8], _ type: ImageType) -> Bool {
    let openings: [[UInt8]] =
      switch type {
      case .jpeg: [[0xFF, 0xFE, 0, 14]]
      case .png: [Array("\0\0\0\u{0C}tEXt".utf8)]
      case .gif: [[0x21, 0xFE, 12]]
      case .webp: [Array("XMP \u{0C}\0\0\0".utf8)]
      }
    // Once and nowhere else: it may also be the picture itself.
    let count = occurrences(of: marker, in: bytes)
    return count == 1 && openings.contains { contains(bytes, $0 + marker) }
  }

  private static func occurrences(of part: [UInt8], in bytes: [UInt8]) -> Int {
    bytes.indices.count { bytes[$0...].starts(with: part) }
  }

  private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    bytes.indices.contains { bytes[$0...].starts(with: part) }
  }
}

extension FuzzTarget {
  /// What is left of a picture of a type; `nil` when it is refused.
  public static func stripped(_ bytes: [UInt8], type: String) -> [UInt8]? {
    ImageType(rawValue: type).flatMap { stripped(bytes, $0)?.0 }
  }
}
