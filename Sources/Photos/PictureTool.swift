import ChildProcess

/// libvips' `vipsthumbnail`, run in its own process so that a hostile picture cannot harm the responder.
struct PictureTool {
  private static let environment = [
    // One picture must not occupy all processors; loaders that libvips marks as untrusted are disabled.
    "VIPS_CONCURRENCY": "1", "VIPS_BLOCK_UNTRUSTED": "1",
    // A large interlaced picture is held in memory, not on the disk.
    "VIPS_DISC_THRESHOLD": "500m",
  ]

  private let program: ChildProcess

  /// Finds the tool; `nil` where it is not installed.
  init?() {
    guard let program = ChildProcess("vipsthumbnail") else { return nil }
    self.program = program
  }

  /// The picture upright, in sRGB, without metadata, as WebP; no wider than asked for, and no higher
  /// than three times that.
  func rendition(of path: String, width: Int) throws(ChildProcessError) -> [UInt8] {
    try convert(
      path,
      arguments: [
        "--size", "\(width)x\(3 * width)>", "--export-profile", "srgb", "-o", ".webp[Q=75,strip]",
      ],
      limits: ChildProcess.Limits(seconds: 10, outputBytes: 8 << 20))
  }

  /// Returns the picture upright as JPEG, with its metadata.
  func jpeg(of path: String) throws(ChildProcessError) -> [UInt8] {
    // Within the largest sides that JPEG allows (ITU-T T.81, B.2.2).
    try convert(
      path, arguments: ["--size", "65500x65500>", "-o", ".jpg[Q=88]"],
      limits: ChildProcess.Limits(seconds: 20, outputBytes: 64 << 20))
  }

  private func convert(
    _ path: String, arguments: [String], limits: ChildProcess.Limits
  ) throws(ChildProcessError) -> [UInt8] {
    try program.run(
      ["stdin"] + arguments, input: .file(path), environment: Self.environment, limits: limits)
  }
}
