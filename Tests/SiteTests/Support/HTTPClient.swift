import Foundation
import JSON
import TestSupport

/// An answer, over any transport.
struct Answer: Sendable {
  var status: Int
  /// Header fields by their names in lower case.
  var fields: [String: String]
  var body: [UInt8]

  var json: JSONObject { (try? JSONValue(parsing: body))?.object ?? JSONObject() }
  var text: String { String(decoding: body, as: UTF8.self) }

  /// Parses an answer that extends to the end of the connection.
  init?(_ bytes: [UInt8]) {
    let separator = Data("\r\n\r\n".utf8)
    guard let end = Data(bytes).range(of: separator) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(
      separatedBy: "\r\n")
    fields = [:]
    for line in lines.dropFirst() {
      let halves = line.split(separator: ":", maxSplits: 1)
      if halves.count == 2 {
        fields[halves[0].lowercased()] = halves[1].trimmingCharacters(in: .whitespaces)
      }
    }
    let words = lines[0].split(separator: " ")
    guard words.count > 1, let status = Int(words[1]) else { return nil }
    self.status = status
    body = Array(bytes[end.upperBound...])
    if fields["transfer-encoding"] == "chunked" { body = Self.dechunked(body) }
  }

  private static func dechunked(_ bytes: [UInt8]) -> [UInt8] {
    var whole: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A),
      let size = Int(String(decoding: rest[..<(end - 1)], as: UTF8.self), radix: 16), size > 0,
      rest.endIndex >= end + 1 + size + 2
    {
      whole += rest[(end + 1)..<(end + 1 + size)]
      rest = rest[(end + 1 + size + 2)...]
    }
    return whole
  }
}

struct ConnectionFailed: Error {}

/// A client that sends exactly the bytes it is given.
enum HTTPClient {
  /// Sends bytes, then reads to the end of the connection.
  static func exchange(_ bytes: [UInt8], port: Int, closesAfterSending: Bool = false) throws
    -> [UInt8]
  {
    let descriptor = try open(bytes, port: port)
    defer { close(descriptor) }
    return closesAfterSending ? [] : read(descriptor)
  }

  /// Reads to the end of a connection.
  static func read(_ descriptor: Int32) -> [UInt8] {
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 {
      answer += buffer[..<count]
    }
    return answer
  }

  /// Lets the tests have that many descriptors, as far as the system permits.
  static func allowConnections(_ count: rlim_t) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, count))
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Opens a connection, sends bytes and returns the descriptor, which the caller closes.
  static func open(_ bytes: [UInt8], port: Int) throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw ConnectionFailed() }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      close(descriptor)
      throw ConnectionFailed()
    }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server that has refused the request does not read the rest of it.
      if count <= 0 { break }
      sent += count
    }
    return descriptor
  }

  /// Opens the stream of events as a page does: again while it is refused, as by a site that is recovering.
  static func listen(port: Int) throws -> Int32 {
    var connection: Int32 = -1
    try eventually("the stream of events opens") {
      connection = try open(
        Array("GET /api/events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8), port: port)
      var status = [UInt8](repeating: 0, count: "HTTP/1.1 200".utf8.count)
      let count = recv(connection, &status, status.count, Int32(MSG_WAITALL))
      if count == status.count, status.elementsEqual("HTTP/1.1 200".utf8) { return true }
      close(connection)
      return false
    }
    return connection
  }

  static func send(
    _ method: String, _ target: String, fields: [(String, String)] = [], body: [UInt8] = [],
    port: Int
  ) throws -> Answer {
    var text = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
    for (name, value) in fields { text += "\(name): \(value)\r\n" }
    if !body.isEmpty || method == "POST" { text += "Content-Length: \(body.count)\r\n" }
    guard let answer = Answer(try exchange(Array((text + "\r\n").utf8) + body, port: port)) else {
      throw ConnectionFailed()
    }
    return answer
  }
}

/// The body of an entry form.
struct Form {
  static let contentType = "multipart/form-data; boundary=TestBoundary"
  var fields: [(String, String)] = [("category", "best"), ("caption", "a caption")]
  var photo: [UInt8]?

  var body: [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in fields {
      bytes += Array(
        "--TestBoundary\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
          .utf8)
    }
    if let photo {
      bytes += Array(
        ("--TestBoundary\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"p.png\"\r\n"
          + "Content-Type: image/png\r\n\r\n").utf8)
      bytes += photo + [0x0D, 0x0A]
    }
    return bytes + Array("--TestBoundary--\r\n".utf8)
  }
}

/// Returns a PNG with a valid structure and a given number of extra data bytes; its pixels cannot be decoded.
func png(width: UInt8 = 64, extraBytes: Int = 0) -> [UInt8] {
  let count = extraBytes + 1
  let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
    + [0, 0, 0, width, 0, 0, 0, 64, 8, 2, 0, 0, 0, 1, 2, 3, 4]
    + length + Array("IDAT".utf8) + [UInt8](repeating: 7, count: count) + [1, 2, 3, 4]
    + [0, 0, 0, 0] + Array("IEND".utf8) + [0xAE, 0x42, 0x60, 0x82]
}
