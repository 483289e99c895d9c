import Glibc

/// Runs a body on `count` threads at once and waits for all of them; see `pthread_create(3)`.
package func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let threads = (0..<count).map { index in
    var thread = pthread_t()
    let run = unsafe Unmanaged.passRetained(Body { body(index) })
    let result = unsafe pthread_create(
      &thread, nil,
      { argument in
        // The thread takes over the reference that was retained for it.
        if let argument = unsafe argument {
          unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, run.toOpaque())
    precondition(result == 0, "pthread_create: error \(result)")
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
}

private final class Body {
  let run: () -> Void

  init(_ run: @escaping () -> Void) {
    self.run = run
  }
}
