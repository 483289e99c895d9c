// `environ` is a variable that any thread could change; none does.
@unsafe @preconcurrency import Glibc

/// The environment of this process; see `environ(7)`.
///
/// Foundation offers it too, but reading it there costs a CGI process a quarter of its startup time.
public enum ProcessEnvironment {
  /// Every variable by its name.
  ///
  /// Read it before another thread can change it.
  public static var current: [String: String] { unsafe values(of: environ) }

  /// The variables of an environment, as `execve(2)` and libfcgi hand it over; the strings are copied.
  ///
  /// - Parameter environment: C strings `NAME=value`, and a null pointer after the last.
  /// - Returns: The values by their names.
  public static func values(
    of environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> [String: String] {
    var values: [String: String] = [:]
    values.reserveCapacity(32)
    var next = unsafe environment
    while let pair = unsafe next.pointee {
      // The bytes are read before the next step, up to their null byte.
      let text = unsafe UnsafeRawBufferPointer(start: pair, count: strlen(pair))
      if let separator = unsafe text.firstIndex(of: UInt8(ascii: "=")) {
        let name = unsafe String(decoding: text[..<separator], as: UTF8.self)
        values[name] = unsafe String(decoding: text[(separator + 1)...], as: UTF8.self)
      }
      unsafe next += 1
    }
    return values
  }
}
