import Glibc
import SystemPackage

/// The table of all system calls on files.
///
/// A test may intercept it to make a call fail, cut it short, record it, or end the process there.
/// Interrupted calls are repeated here, except for synchronizing (I9) and waiting. Descriptors are
/// close-on-exec. Closing one is not in the table, because nothing depends on the result.
public struct SystemCalls: Sendable {
  /// Sees each call before it is made and after it has succeeded; the second disposition is ignored.
  public typealias Intercept = @Sendable (SystemCall, SystemCall.Moment) -> SystemCall.Disposition

  /// No file of ours is longer; reading a sparse file of a terabyte would exhaust the memory.
  public static let maxFileBytes = 1 << 30

  /// The effective user, which a process of ours never changes; see `geteuid(2)`.
  public static let user: UInt32 = geteuid()

  private let intercept: Intercept?

  /// Makes a table.
  ///
  /// - Parameter intercept: For tests; programs pass none.
  public init(intercept: Intercept? = nil) {
    self.intercept = intercept
  }

  /// Whether an intercept wants the details of calls; otherwise they are not assembled.
  var isWanted: Bool { intercept != nil }

  func transfer(
    _ name: SystemCall.Name, of file: OpenFile, detail: SystemCall.Detail, count: Int,
    _ body: (Int) -> Int
  ) throws(Errno) -> Int {
    guard let intercept else { return try Self.repeating(name) { body(count) } }
    let made = SystemCall(
      name: name, path: file.path, detail: detail, descriptor: file.descriptor)
    var length = count
    switch try Self.disposition(of: made, intercept) {
    case .limit(let bytes): length = min(count, bytes)
    case .pretend: return count
    case .proceed, .fail: break
    }
    let result = try Self.repeating(name) { body(length) }
    _ = intercept(made.transferring(result), .after)
    return result
  }

  func call(
    _ name: SystemCall.Name, _ path: String, detail: SystemCall.Detail = .none,
    of file: OpenFile? = nil, _ body: () -> Int32
  ) throws(Errno) -> Int32 {
    guard let intercept else { return try Self.repeating(name, body) }
    let made = SystemCall(name: name, path: path, detail: detail, descriptor: file?.descriptor)
    if try Self.disposition(of: made, intercept) == .pretend { return 0 }
    let result = try Self.repeating(name, body)
    _ = intercept(made, .after)
    return result
  }

  /// Makes a call, again each time a signal interrupts it.
  private static func repeating<Result: SignedInteger>(
    _ name: SystemCall.Name, _ body: () -> Result
  ) throws(Errno) -> Result {
    while true {
      let result = body()
      if result >= 0 { return result }
      let error = Errno(rawValue: errno)
      if error != .interrupted || !name.isRepeated { throw error }
    }
  }

  /// Asks the intercept what to do, again each time it says that the call was interrupted.
  private static func disposition(
    of call: SystemCall, _ intercept: Intercept
  ) throws(Errno) -> SystemCall.Disposition {
    while true {
      let disposition = intercept(call, .before)
      guard case .fail(let number) = disposition else { return disposition }
      let error = Errno(rawValue: number)
      if error != .interrupted || !call.name.isRepeated { throw error }
    }
  }
}

extension SystemCall {
  /// Returns the same call with only the bytes that it has transferred.
  fileprivate func transferring(_ count: Int) -> SystemCall {
    guard case .bytes(let bytes, let offset) = detail else { return self }
    return SystemCall(
      name: name, path: path, detail: .bytes(Array(bytes.prefix(count)), offset: offset),
      descriptor: descriptor)
  }
}
