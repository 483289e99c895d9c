import ChildProcess
import Files

/// A photo being uploaded: in memory while it is small, else streamed to a staged file.
///
/// What a phone sends is usually small, and is then written once: without its metadata.
public struct PhotoUpload: ~Copyable {
  /// How much of a photo a thread keeps in memory.
  private static let maxBytesInMemory = 1 << 20

  private let makeFile: () throws(PhotoError) -> StagedFile
  /// Has all bytes, once there is one.
  private var file: StagedFile?
  /// Where the file is, and how it is read.
  private var written: (path: String, source: (Int, Int) throws(FileError) -> [UInt8])?
  /// All bytes, as long as there is no file.
  private var bytes: [UInt8] = []
  private let maxBytes: Int
  private var byteCount = 0

  /// - Parameters:
  ///   - maxBytes: How long it may be.
  ///   - makeFile: Makes a staged file for a longer photo.
  init(maxBytes: Int, makeFile: @escaping () throws(PhotoError) -> StagedFile) {
    self.maxBytes = maxBytes
    self.makeFile = makeFile
  }

  /// Takes the next bytes.
  ///
  /// - Throws: `PhotoError.tooLarge`, or `.storage` when they cannot be written.
  public mutating func write(_ more: ArraySlice<UInt8>) throws(PhotoError) {
    byteCount += more.count
    guard byteCount <= maxBytes else { throw .tooLarge }
    guard written != nil || byteCount > Self.maxBytesInMemory else {
      bytes += more
      return
    }
    try writeToFile()
    try Self.storing { () throws(FileError) in try file?.write(Array(more)) }
  }

  /// Sees to it that all bytes so far are in a file.
  private mutating func writeToFile() throws(PhotoError) {
    guard written == nil else { return }
    var made = try makeFile()
    do throws(FileError) {
      try made.write(bytes)
    } catch {
      made.discard()
      throw .storage(error)
    }
    written = (made.path, made.source)
    file = consume made
    bytes = []
  }

  /// Discards the upload and its staged file.
  public consuming func discard() {
    var upload = self
    if let file = upload.takeFile() { file.discard() }
  }

  /// The result of examining a picture.
  struct Examined {
    let type: ImageType
    let size: PictureSize
    /// The pieces that remain without data about a person, a place or a device.
    let pieces: [MetadataStripper.Piece]
    /// Whether nothing is removed.
    let isClean: Bool
  }

  /// Recognizes the format; refuses a picture that is malformed, truncated or too large.
  func examine(maxPixels: Int) throws(PhotoError) -> Examined {
    guard byteCount > 0 else { throw .empty }
    guard let type = ImageType(signature: try read(at: 0, count: 12)) else { throw .notAnImage }
    let written = written
    let picture = PictureBytes(count: byteCount, beginning: bytes) {
      offset, count throws(PhotoError) in
      try Self.storing { () throws(FileError) in try written?.source(offset, count) ?? [] }
    }
    let result = try MetadataStripper.result(of: type, picture, maxPixels: maxPixels)
    return Examined(
      type: type, size: result.size, pieces: result.pieces,
      isClean: result.pieces == [.copy(0..<byteCount)])
  }

  /// Returns the format if the photo has to be converted to JPEG first, else `nil`.
  func convertibleType() throws(PhotoError) -> ConvertibleType? {
    ConvertibleType(signature: try read(at: 0, count: 64))
  }

  /// The same picture as JPEG.
  ///
  /// - Throws: `PhotoError.notConvertible` when the tool is not installed or fails, `.busy` when it
  ///   cannot be started.
  mutating func jpeg(from type: ConvertibleType) throws(PhotoError) -> [UInt8] {
    try writeToFile()
    guard let tool = PictureTool() else {
      throw .notConvertible(type, "vipsthumbnail is not installed")
    }
    do throws(ChildProcessError) {
      return try tool.jpeg(of: written?.path ?? "")
    } catch {
      if error.couldNotStart { throw .busy }
      throw .notConvertible(type, "\(error)")
    }
  }

  /// Writes a part of it to another file.
  func write(
    _ piece: MetadataStripper.Piece, to copy: inout StagedFile
  ) throws(PhotoError) {
    switch piece {
    case .bytes(let bytes):
      try Self.storing { () throws(FileError) in try copy.write(bytes) }
    case .copy(let range):
      for offset in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 18) {
        let block = try read(at: offset, count: min(1 << 18, range.upperBound - offset))
        try Self.storing { () throws(FileError) in try copy.write(block) }
      }
    }
  }

  private func read(at offset: Int, count: Int) throws(PhotoError) -> [UInt8] {
    guard let written else { return Array(bytes.dropFirst(offset).prefix(count)) }
    return try Self.storing { () throws(FileError) in try written.source(offset, count) }
  }

  /// Takes the staged file that has all bytes; `nil` if they are in memory.
  mutating func takeFile() -> StagedFile? { file.take() }

  private static func storing<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(PhotoError) -> Result {
    do throws(FileError) {
      return try body()
    } catch {
      throw .storage(error)
    }
  }
}
