import Glibc

/// A thread of the operating system; see `pthread_create(3)`.
enum Thread {
  /// Starts a detached thread.
  static func start(_ body: @escaping @Sendable () -> Void) {
    var identifier = pthread_t()
    let box = unsafe Unmanaged.passRetained(Body(body))
    let result = unsafe pthread_create(
      &identifier, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box.toOpaque())
    // EAGAIN at startup: the process cannot work at all, and its end tells the supervisor.
    precondition(result == 0, "pthread_create: error \(result)")
    pthread_detach(identifier)
  }

  private final class Body {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
      self.run = run
    }
  }
}
