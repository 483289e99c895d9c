import Files

/// The generation as recorded in the modification time of a file.
///
/// The store sets the nanoseconds of a data file's modification time to its generation, so that one `stat(2)`
/// tells a version from every other (I7): inode, size and clock tick can repeat. Any other writer sets a
/// different time. On a file system without nanoseconds, no stamp matches.
struct GenerationStamp: Equatable {
  private static let count = 1_000_000_000

  /// The nanoseconds of the time: 0 to 999,999,999.
  let nanoseconds: Int

  /// Makes the stamp of a generation.
  init(_ generation: Int) { nanoseconds = generation % Self.count }

  /// Makes the stamp from a file's modification time.
  init(of status: FileStatus) { nanoseconds = status.modifiedNanoseconds }

  /// Returns how many generations it is ahead of another, as far as the stamp tells.
  func lead(over generation: Int) -> Int {
    max(0, nanoseconds - GenerationStamp(generation).nanoseconds)
  }
}
