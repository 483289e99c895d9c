import Glibc

/// The signals that stop a responder in an orderly way, blocked in every thread and awaited by one.
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
  /// - Parameter limit: How long to wait; fractions of a second count.
  /// - Returns: Whether one arrived.
  func wait(atMost limit: Duration) -> Bool {
    var waited = set
    var time = timespec(
      tv_sec: Int(limit.components.seconds),
      tv_nsec: Int(limit.components.attoseconds / 1_000_000_000))
    return unsafe sigtimedwait(&waited, nil, &time) > 0
  }
}
