import CFastCGI
public import CGI
import Glibc
import Synchronization

/// A request that waits for its response without a thread and without libfcgi.
///
/// libfcgi has read it and released it; the response is written here as records of the protocol
/// (FastCGI 1.0, sections 3.3, 5.3 and 5.5). A waiting request costs a few hundred bytes, where
/// libfcgi's streams take 10 KB, and no write ever waits for the peer.
public final class ParkedRequest: Sendable {
  private struct State {
    var isOpen = true
    /// The part of the last records that the peer has not accepted yet.
    var rest: ArraySlice<UInt8> = []
    /// Whether the connection closes as soon as `rest` is sent.
    var isFinishing = false
  }

  /// A number that no other request of this process has.
  public let number: UInt64
  private let descriptor: Int32
  private let requestID: UInt16
  private let parking: Parking
  private let state = Mutex(State())

  init(number: UInt64, descriptor: Int32, requestID: UInt16, _ parking: Parking) {
    self.number = number
    self.descriptor = descriptor
    self.requestID = requestID
    self.parking = parking
  }

  /// Sends a part of the answer; the first begins with the header (RFC 3875, section 6.2).
  ///
  /// - Returns: What became of it.
  public func send(_ content: [UInt8]) -> Delivery {
    state.withLock { state in
      guard state.isOpen, !state.isFinishing else { return .gone }
      guard state.rest.isEmpty else { return .busy }
      state.rest = Record.standardOutput(content, requestID)[...]
      return flush(&state) ? .sent : .gone
    }
  }

  /// Ends the response and the connection as soon as the peer has accepted everything sent so far.
  public func finish() {
    state.withLock { state in
      guard state.isOpen, !state.isFinishing else { return }
      state.isFinishing = true
      state.rest += Record.end(requestID)
      _ = flush(&state)
    }
  }

  /// Closes the connection at once.
  public func drop() {
    state.withLock { close(&$0) }
  }

  /// Resumes sending when the peer reads again.
  ///
  /// - Returns: Whether the next part can be sent.
  func resume() -> Bool {
    state.withLock { state in
      guard state.isOpen, flush(&state) else { return false }
      return state.isOpen && state.rest.isEmpty
    }
  }

  /// Starts watching the connection, if it is still open.
  func watch() {
    state.withLock { if $0.isOpen { parking.watch(descriptor, number) } }
  }

  /// Sends as much as the peer accepts without blocking; returns whether the connection is still good.
  private func flush(_ state: inout State) -> Bool {
    while !state.rest.isEmpty {
      let count = unsafe state.rest.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          descriptor, bytes.baseAddress, bytes.count,
          Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
      if count >= 0 {
        state.rest = state.rest.dropFirst(count)
      } else if errno == EAGAIN {
        // A copy, so that the bytes already sent are freed.
        state.rest = Array(state.rest)[...]
        parking.watchForWriting(descriptor, number)
        return true
      } else if errno != EINTR {
        close(&state)
        return false
      }
    }
    state.rest = []
    if state.isFinishing { close(&state) }
    return true
  }

  private func close(_ state: inout State) {
    guard state.isOpen else { return }
    state.isOpen = false
    state.rest = []
    // Before `close`: after it the descriptor may belong to another connection.
    parking.forget(number)
    Glibc.close(descriptor)
  }

  deinit {
    if state.withLock({ $0.isOpen }) { Glibc.close(descriptor) }
  }
}

/// Records of the protocol (FastCGI 1.0, section 3.3).
private enum Record {
  private static let version: UInt8 = 1
  private static let endRequest: UInt8 = 3
  private static let standardOutput: UInt8 = 6
  private static let maxContentBytes = 65_528

  /// The `FCGI_STDOUT` records for some content; none if it is empty, as an empty record ends the stream.
  static func standardOutput(_ content: [UInt8], _ requestID: UInt16) -> [UInt8] {
    var records: [UInt8] = []
    records.reserveCapacity(content.count + 16)
    for start in stride(from: 0, to: content.count, by: maxContentBytes) {
      let part = content[start..<min(content.count, start + maxContentBytes)]
      let padding = (8 - part.count % 8) % 8
      records += header(
        standardOutput, requestID: requestID, contentBytes: part.count, padding: padding)
      records += part
      records += repeatElement(0, count: padding)
    }
    return records
  }

  /// The end of the stream, and `FCGI_END_REQUEST` with `FCGI_REQUEST_COMPLETE` (section 5.5).
  static func end(_ requestID: UInt16) -> [UInt8] {
    header(standardOutput, requestID: requestID, contentBytes: 0, padding: 0)
      + header(endRequest, requestID: requestID, contentBytes: 8, padding: 0)
      + repeatElement(0, count: 8)
  }

  private static func header(
    _ type: UInt8, requestID: UInt16, contentBytes: Int, padding: Int
  ) -> [UInt8] {
    [
      version, type, UInt8(requestID >> 8), UInt8(requestID & 0xFF), UInt8(contentBytes >> 8),
      UInt8(contentBytes & 0xFF), UInt8(padding), 0,
    ]
  }
}
