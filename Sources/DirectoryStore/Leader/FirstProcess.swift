import Files

/// The process that is first among those that use a store.
///
/// It holds the lock of the wake word's file. The kernel releases that when the process ends, and the next
/// one that looks is the first.
/// Nothing depends on it but effort: batches are larger and less is read twice while one process commits.
final class FirstProcess: Sendable {
  private let folder: Folder
  private let claim = Monitor<FileClaim?>(nil)

  init(_ context: StoreContext) {
    folder = Folder(context.directory.path, system: context.system)
  }

  /// Whether another process is the first; becomes the first if none is.
  ///
  /// Ask it only with a connection at hand: the first is then the one that the kernel wakes first.
  var isElsewhere: Bool {
    claim.withLock { claim in
      guard claim == nil else { return false }
      do throws(FileError) {
        claim = try FileClaim(".wal/wake", in: folder)
        return claim == nil
      } catch {
        // Without the file nobody can tell.
        return false
      }
    }
  }
}
