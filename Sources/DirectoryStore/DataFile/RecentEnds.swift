/// Where the rooms of the data file ended in the generations that this process staged last.
///
/// A backup of one of them, which is reused, then need not be read to find out what it lacks.
struct RecentEnds {
  private struct Ends {
    let generation: Int
    let layoutGeneration: Int
    let ends: [String: Int]
  }

  /// The backups, and those that failed in between.
  private static let maxCount = 2 * StoreLimits.automaticBackups

  private var latest: [Ends] = []

  /// Remembers an image that is being staged.
  mutating func add(_ image: FileImage, _ generation: Int) {
    if latest.count >= Self.maxCount { latest.removeFirst() }
    latest.append(
      Ends(
        generation: generation, layoutGeneration: image.layoutGeneration,
        ends: image.rooms.mapValues(\.end)))
  }

  /// Returns where the rooms ended in an earlier generation with the same layout; `nil` if that is not
  /// known.
  ///
  /// The checksum in that generation's header shows whether it is true.
  func ends(of image: FileImage, _ generation: Int) -> [String: Int]? {
    latest.last {
      $0.generation == generation && $0.layoutGeneration == image.layoutGeneration
    }?.ends
  }
}
