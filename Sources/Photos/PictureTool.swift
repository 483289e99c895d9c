import ChildProcess

/// libvips' `vipsthumbnail`, in a process of its own: what a hostile picture can break is not ours.
struct PictureTool {
  private static let environment = [
    // One picture does not need all processors; loaders that are known to be weak are off.
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

  /// The picture upright as JPEG, with what metadata it has.
  func jpeg(of path: String) throws(ChildProcessError) -> [UInt8] {
    // The sides that a JPEG can have (ITU-T T.81, B.2.2).
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
