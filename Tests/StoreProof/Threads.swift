import Glibc

/// Runs a body in so many threads at once and waits for all; without Foundation, which takes a program 10 ms to load.
func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let threads = (0..<count).map { index in
    var thread = pthread_t()
    let work = Unmanaged.passRetained(Work { body(index) })
    pthread_create(
      &thread, nil,
      { argument in
        argument.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().run() }
        return nil
      }, work.toOpaque())
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
}

/// What a thread is given.
private final class Work {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
