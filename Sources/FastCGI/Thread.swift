import Glibc

/// A thread of the operating system; see `pthread_create(3)`.
@safe
struct Thread: @unchecked Sendable {
  // Proof: `pthread_t` is a number here, and `pthread_kill` may be called from any thread.
  private let identifier: pthread_t

  /// Starts a thread.
  init(_ body: @escaping @Sendable () -> Void) {
    var identifier = pthread_t()
    let box = unsafe Unmanaged.passRetained(Body(body))
    let result = unsafe pthread_create(
      &identifier, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    // EAGAIN at start-up: the process cannot do its work at all, and its supervisor is told.
    precondition(result == 0, "pthread_create: error \(result)")
    self.identifier = identifier
  }

  /// Makes a system call in which the thread blocks fail with EINTR.
  func interrupt() {
    pthread_kill(identifier, StopSignals.interrupt)
  }

  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
      self.run = run
    }
  }
}

/// The signals that end a responder in order, blocked in every thread and waited for by one.
@safe
struct StopSignals {
  /// Does nothing but interrupt a system call.
  static let interrupt = SIGUSR2

  private var set = sigset_t()

  /// Blocks the signals in this thread and those it starts.
  ///
  /// libfcgi installs handlers for SIGTERM, SIGUSR1 and SIGPIPE where the default is in force
  /// (`FCGX_Init`); blocked signals never reach them.
  init() {
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGUSR1] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    // No SA_RESTART: `accept(2)` has to return.
    unsafe sigaction(Self.interrupt, &action, nil)
  }

  /// Waits for one of them; see `sigtimedwait(2)`.
  ///
  /// - Parameter limit: How long, in whole and parts of seconds.
  /// - Returns: Whether one came.
  func wait(atMost limit: Duration) -> Bool {
    var waited = set
    var time = timespec(
      tv_sec: Int(limit.components.seconds),
      tv_nsec: Int(limit.components.attoseconds / 1_000_000_000))
    return unsafe sigtimedwait(&waited, nil, &time) > 0
  }
}
