import ASCII
import JSON

/// A packet of Socket.IO's protocol, version 5 (https://socket.io/docs/v4/socket-io-protocol/).
struct SocketIOPacket {
  /// A packet's type.
  enum Kind: Int {
    case connect = 0
    case disconnect, event, acknowledgement, connectError, binaryEvent, binaryAcknowledgement
  }

  let kind: Kind
  /// How many binary packets follow as its attachments.
  let attachmentCount: Int
  let namespace: String
  /// The acknowledgement identifier, if the sender wants an acknowledgement.
  let identifier: Int?
  let payload: JSONValue?

  /// Parses a packet; `nil` if it is malformed.
  ///
  /// `<type>[<attachments>-][<namespace>,][<acknowledgement id>][JSON]`.
  init?(parsing text: ArraySlice<UInt8>) {
    guard let first = text.first, let kind = Kind(rawValue: Int(first) - 0x30) else { return nil }
    var rest = text.dropFirst()
    var attachmentCount = 0
    if kind == .binaryEvent || kind == .binaryAcknowledgement {
      let digits = rest.prefix(while: \.isDigit)
      guard (1...3).contains(digits.count),
        let count = Int(String(decoding: digits, as: UTF8.self)),
        rest[digits.endIndex...].first == UInt8(ascii: "-")
      else { return nil }
      attachmentCount = count
      rest = rest[digits.endIndex...].dropFirst()
    }
    self.attachmentCount = attachmentCount
    if rest.first == UInt8(ascii: "/") {
      let end = rest.firstIndex(of: UInt8(ascii: ",")) ?? rest.endIndex
      // A query after the name is not part of it.
      let name = rest[..<end].prefix { $0 != UInt8(ascii: "?") }
      namespace = String(decoding: name, as: UTF8.self)
      rest = rest[end...].dropFirst()
    } else {
      namespace = "/"
    }
    let digits = rest.prefix(while: \.isDigit)
    guard digits.count < 16 else { return nil }
    identifier = Int(String(decoding: digits, as: UTF8.self))
    rest = rest[digits.endIndex...]
    if rest.isEmpty {
      payload = nil
    } else {
      guard let value = try? JSONValue(parsing: Array(rest)) else { return nil }
      payload = value
    }
    self.kind = kind
  }

  /// The reply to an accepted connect packet.
  static func connected(_ socketID: String, _ recoveryID: String) -> [UInt8] {
    Array(#"40{"sid":"\#(socketID)","pid":"\#(recoveryID)"}"#.utf8)
  }

  /// The refusal of a connection to a namespace that does not exist.
  static func refused(_ namespace: String) -> [UInt8] {
    let error = JSONValue.object(
      JSONObject([.init(name: "message", value: .string("Invalid namespace"))]))
    return Array("44\(namespace),".utf8) + error.serialized
  }

  /// The acknowledgement, without arguments, of an event that the server ignores.
  static func acknowledgement(_ identifier: Int) -> [UInt8] { Array("43\(identifier)[]".utf8) }

  /// An event, with its sequence as the last argument for clients that can resume from it.
  static func event(_ event: LiveEvent, hasOffset: Bool) -> [UInt8] {
    var text = Array("42[\"\(event.name)\",".utf8)
    text += event.data
    if hasOffset { text += Array(",\"\(event.sequence)\"".utf8) }
    text.append(UInt8(ascii: "]"))
    return text
  }

  /// The event that announces a planned stop of the server.
  static let shutdown = Array(#"42["server-shutdown",{}]"#.utf8)
}
