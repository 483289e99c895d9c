import Foundation
public import Testing

/// Runs blocking tests on threads of their own.
///
/// Swift's own pool has one thread for each processor: with two processors, two tests that wait for a
/// process or a browser would hold up every other test.
public struct BlockingTests: SuiteTrait, TestTrait, TestScoping {
  /// The trait also applies to tests in nested suites.
  public let isRecursive = true

  /// Runs a test on one of the threads.
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(TestThreads.shared) { try await function() }
  }
}

extension Trait where Self == BlockingTests {
  /// The tests block the thread they run on.
  public static var blocking: Self { Self() }
}

/// Threads that tests may block: more than processors, since most of them wait.
private final class TestThreads: TaskExecutor {
  static let shared = TestThreads(4 * ProcessInfo.processInfo.activeProcessorCount)

  private let jobs = JobQueue()

  init(_ count: Int) {
    for _ in 0..<count {
      Thread.detachNewThread { [self] in
        while true { jobs.next().runSynchronously(on: asUnownedTaskExecutor()) }
      }
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    jobs.add(UnownedJob(job))
  }
}

/// A queue of jobs, first in, first out.
private final class JobQueue: @unchecked Sendable {
  // Proof: `waiting` is touched only while the condition is locked.
  private let condition = NSCondition()
  private var waiting: [UnownedJob] = []

  func add(_ job: UnownedJob) {
    condition.withLock { waiting.append(job) }
    condition.signal()
  }

  func next() -> UnownedJob {
    condition.withLock {
      while waiting.isEmpty { condition.wait() }
      return waiting.removeFirst()
    }
  }
}
