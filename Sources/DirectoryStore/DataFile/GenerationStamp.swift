import Files

/// The generation that the modification time of a file tells.
///
/// The store sets the nanoseconds of a data file's time to its generation, so that one `stat(2)` tells a version
/// from every other (I7): inode, size and tick repeat. Who else writes to a file sets another time. A
/// file system without nanoseconds cannot tell versions apart: then nothing matches.
struct GenerationStamp: Equatable {
  private static let count = 1_000_000_000

  /// As the time has them: 0 to 999,999,999.
  let nanoseconds: Int

  /// That of a generation.
  init(_ generation: Int) { nanoseconds = generation % Self.count }

  /// That of a file.
  init(of status: FileStatus) { nanoseconds = status.modifiedNanoseconds }

  /// How many generations it is ahead of one, as far as can be told from it.
  func lead(over generation: Int) -> Int {
    max(0, nanoseconds - GenerationStamp(generation).nanoseconds)
  }
}
