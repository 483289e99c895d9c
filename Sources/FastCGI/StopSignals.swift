import Glibc

/// The signals that end a responder in order, blocked in every thread and waited for by one.
@safe
struct StopSignals: Sendable {
  private var set = sigset_t()

  /// Blocks the signals in this thread and those it starts.
  ///
  /// libfcgi installs handlers for SIGTERM, SIGUSR1 and SIGPIPE where the default is in force
  /// (`FCGX_Init`); blocked signals never reach them.
  init() {
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGQUIT, SIGUSR1] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
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
