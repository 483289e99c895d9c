import DurableStore
import Files
import SystemPackage

/// How long segments of the completed log are kept.
///
/// A segment is needed as long as its lines may have to bring a backup or the checkpoint up to the data
/// file (I5). Without a checkpoint every segment is needed.
struct LogRetention {
  private let context: StoreContext

  private var directory: DataDirectory { context.directory }
  private var system: SystemCalls { context.system }

  init(_ context: StoreContext) {
    self.context = context
  }

  /// Removes the segments that are old and no longer needed.
  func removeOldSegments(backups: [BackupName]) {
    guard let checkpoint = generation(ofFileAt: directory.checkpoint), !backups.isEmpty,
      let segments = try? CompletedLog(directory: directory, system: system).segments()
    else { return }
    let oldest = backups.compactMap(\.generation).reduce(checkpoint, min)
    let limit =
      context.surroundings.nowMilliseconds() / 1000
      - Int(context.options.logRetention.components.seconds)
    for (segment, next) in zip(segments, segments.dropFirst()) {
      let path = directory.log + "/" + segment.name
      guard next.firstSequence <= oldest + 1, let status = try? system.status(at: path),
        status.isRegular, status.modifiedSeconds < limit
      else { return }
      do throws(Errno) {
        try system.unlink(path)
      } catch {
        return context.report(.failed("remove \(path): \(error)"))
      }
    }
  }

  /// Returns the generation in a file's first line.
  private func generation(ofFileAt path: String) -> Int? {
    guard let file = try? system.openToRead(path),
      let status = try? system.status(file),
      let header = try? DataFile.header(of: file, status, system)
    else { return nil }
    return header.generation
  }
}
