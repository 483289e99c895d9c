import ChildProcess
import Files

/// A photo being uploaded: streamed to a staged file, never whole in memory.
public struct PhotoUpload: ~Copyable {
  private var file: StagedFile
  private let maxBytes: Int
  private var byteCount = 0

  init(file: consuming StagedFile, maxBytes: Int) {
    self.file = file
    self.maxBytes = maxBytes
  }

  /// Takes the next bytes.
  ///
  /// - Throws: `PhotoError.tooLarge`, or `.storage` when they cannot be written.
  public mutating func write(_ bytes: [UInt8]) throws(PhotoError) {
    byteCount += bytes.count
    guard byteCount <= maxBytes else { throw .tooLarge }
    do throws(FileError) {
      try file.write(bytes)
    } catch {
      throw .storage(error)
    }
  }

  /// Discards the upload and its staged file.
  public consuming func discard() {
    file.discard()
  }

  /// The result of examining a picture.
  struct Examined {
    let type: ImageType
    let size: PictureSize
    /// The pieces that remain without data about a person, a place or a device; `nil` when nothing is
    /// removed.
    let pieces: [MetadataStripper.Piece]?
  }

  /// Recognizes the format; refuses a picture that is malformed, truncated or too large.
  func examine(maxPixels: Int) throws(PhotoError) -> Examined {
    guard byteCount > 0 else { throw .empty }
    guard let type = ImageType(signature: try read(at: 0, count: 12)) else { throw .notAnImage }
    let source = file.source
    let picture = PictureBytes(count: byteCount) { offset, count throws(PhotoError) in
      do throws(FileError) {
        return try source(offset, count)
      } catch {
        throw .storage(error)
      }
    }
    let result = try MetadataStripper.result(of: type, picture, maxPixels: maxPixels)
    let isClean = result.pieces == [.copy(0..<byteCount)]
    return Examined(type: type, size: result.size, pieces: isClean ? nil : result.pieces)
  }

  /// Returns the format if the photo has to be converted to JPEG first, else `nil`.
  func convertibleType() throws(PhotoError) -> ConvertibleType? {
    ConvertibleType(signature: try read(at: 0, count: 64))
  }

  /// The same picture as JPEG.
  ///
  /// - Throws: `PhotoError.notConvertible` when the tool is not installed or fails, `.busy` when it
  ///   cannot be started.
  func jpeg(from type: ConvertibleType) throws(PhotoError) -> [UInt8] {
    guard let tool = PictureTool() else {
      throw .notConvertible(type, "vipsthumbnail is not installed")
    }
    do throws(ChildProcessError) {
      return try tool.jpeg(of: file.path)
    } catch {
      if error.couldNotStart { throw .busy }
      throw .notConvertible(type, "\(error)")
    }
  }

  /// Writes a part of it to another file.
  func write(
    _ piece: MetadataStripper.Piece, to copy: inout StagedFile
  ) throws(PhotoError) {
    do throws(FileError) {
      switch piece {
      case .bytes(let bytes): try copy.write(bytes)
      case .copy(let range):
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 18) {
          let count = min(1 << 18, range.upperBound - offset)
          try copy.write(try file.read(at: offset, count: count))
        }
      }
    } catch {
      throw .storage(error)
    }
  }

  private func read(at offset: Int, count: Int) throws(PhotoError) -> [UInt8] {
    do throws(FileError) {
      return try file.read(at: offset, count: count)
    } catch {
      throw .storage(error)
    }
  }

  consuming func keep(in folder: String, as name: String) throws(FileError) {
    try file.keep(in: folder, as: name)
  }
}
