import Glibc

/// A thread of the operating system; see `pthread_create(3)`.
enum Thread {
  /// Starts a thread that nobody waits for.
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
    // EAGAIN at start-up: the process cannot do its work at all, and its supervisor is told.
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
