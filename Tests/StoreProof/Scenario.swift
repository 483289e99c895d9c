public import DirectoryStore
import DurableStore
public import Files
import Glibc

/// An operation on a store, by a process that may be killed during it.
public enum Scenario: String, CaseIterable, Sendable {
  case firstCommit
  /// The store has thirteen rows, so an inode is reused.
  case commit
  /// The file has to be laid out anew.
  case wholeCommit
  /// Another process holds the lock until the entry is handed in. This happens twice: the first entry goes
  /// into a new file, the second into the same file.
  case handedIn
  /// Seven entries of other processes are pending.
  case batch
  /// One of the other processes' entries is refused.
  case rejectedEntry
  case recovery
  /// No inode can be reused, so there is one backup too many.
  case pruning
  /// Each batch begins a new segment, and old ones are removed.
  case logRotation
  case restore
  case snapshot
  case checkpoint
  /// Somebody has edited the data file.
  case acceptedEdit

  /// The key of the row that it adds, if it adds one.
  public var key: String? {
    switch self {
    case .firstCommit, .commit, .handedIn, .batch, .rejectedEntry, .pruning, .logRotation: "new"
    case .wholeCommit: "whole-new"
    case .recovery, .restore, .snapshot, .checkpoint, .acceptedEdit: nil
    }
  }

  /// Returns the options for opening the store.
  public func options(_ system: SystemCalls) -> StoreOptions {
    var options = StoreOptions(system: system)
    // The tests need the retries, not the pauses between them.
    options.retryPause = .milliseconds(1)
    if self == .logRotation {
      options.maxSegmentBytes = 1
      options.logRetention = .zero
    }
    return options
  }

  /// Runs the scenario.
  ///
  /// - Parameters:
  ///   - directory: The store's directory, prepared for the scenario.
  ///   - intercept: Is called for each system call of the store.
  /// - Throws: What the store throws.
  public func act(
    on directory: DataDirectory, _ intercept: @escaping SystemCalls.Intercept = { _, _ in .proceed }
  ) throws {
    let other = OtherProcess(directory)
    let system = SystemCalls { call, moment in
      let verdict = intercept(call, moment)
      if moment == .after, call.isHandingIn { other.releaseLock() }
      return verdict
    }
    let store = try DirectoryStore<Ledger>(directory, options: options(system))
    switch self {
    case .handedIn:
      for key in ["first", "new"] {
        other.takeLock()
        defer { other.releaseLock() }
        try store.commit(key)
      }
    case .recovery, .acceptedEdit: try store.recover()
    case .restore:
      _ = try store.restore(Array(#"{"rows":[["restored","txn-1-aaaaaa"]]}"#.utf8))
    case .snapshot: _ = try store.makeSnapshot()
    case .checkpoint:
      _ = try store.read()
      store.checkpoint()
    case .logRotation:
      try store.commit("new")
      try store.recover()
    default:
      if let key { try store.commit(key) }
    }
  }
}

/// Returns an intercept that sends this process a signal, such as SIGKILL, at one of its system calls.
public func signalling(
  _ signal: Int32, at number: Int, _ moment: SystemCall.Moment
) -> SystemCalls.Intercept {
  let counter = CallCounter()
  return { _, current in
    if current == moment, counter.next() == number { kill(getpid(), signal) }
    return .proceed
  }
}

/// Holds a store's lock as another process would.
private final class OtherProcess: Sendable {
  private let descriptor: Int32

  init(_ directory: DataDirectory) {
    // A store that is not there yet has no lock to be held.
    descriptor = unsafe open(directory.path + "/.lock", O_RDWR | O_CLOEXEC)
  }

  deinit {
    close(descriptor)
  }

  func takeLock() {
    precondition(flock(descriptor, LOCK_EX | LOCK_NB) == 0, "nobody holds the lock meanwhile")
  }

  func releaseLock() {
    flock(descriptor, LOCK_UN)
  }
}

extension SystemCall {
  /// Whether it is the rename that makes an entry pending.
  fileprivate var isHandingIn: Bool { name == .rename && path.contains("/.wal/wal-") }
}
