import Foundation

/// Makes a picture of a given size with libvips; the path's extension selects the format.
public func makePicture(_ path: String, width: Int, height: Int, options: String = "") throws
  -> [UInt8]
{
  let result = try run(
    "/usr/bin/vipsthumbnail",
    [
      Checkout.photo, "--size", "\(width)x\(height)!", "-o",
      path + (options.isEmpty ? "" : "[\(options)]"),
    ])
  guard result.status == 0 else { throw PictureFailed(reason: result.errors) }
  return try contents(of: path)
}

/// Why a picture could not be made.
public struct PictureFailed: Error {
  /// What the tool said.
  public let reason: String
}

/// The width and height of a picture, as libvips reads them.
public func sizeOfPicture(_ bytes: [UInt8]) throws -> [Int] {
  let home = try TemporaryDirectory()
  try write(bytes, to: home.file("picture"))
  return try ["width", "height"].map { field in
    let result = try run("/usr/bin/vipsheader", ["-f", field, home.file("picture")])
    let text = String(decoding: result.output, as: UTF8.self)
    return Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }
}
