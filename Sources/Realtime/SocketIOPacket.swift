import ASCII
import JSON

/// A packet of Socket.IO's protocol, version 5 (https://socket.io/docs/v4/socket-io-protocol/).
struct SocketIOPacket {
  /// What a packet is.
  enum Kind: Int {
    case connect = 0
    case disconnect, event, acknowledgement, connectError, binaryEvent, binaryAcknowledgement
  }

  let kind: Kind
  /// How many packets of bytes follow that belong to it.
  let attachmentCount: Int
  let namespace: String
  /// What the sender wants to be acknowledged by.
  let identifier: Int?
  let payload: JSONValue?

  /// Reads a packet; `nil` for what is none.
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
      // A query behind the name is no part of it.
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

  /// The answer to a connection.
  static func connected(_ socketID: String, _ recoveryID: String) -> [UInt8] {
    Array(#"40{"sid":"\#(socketID)","pid":"\#(recoveryID)"}"#.utf8)
  }

  /// The refusal of a connection to a namespace that there is not.
  static func refused(_ namespace: String) -> [UInt8] {
    let error = JSONValue.object(
      JSONObject([.init(name: "message", value: .string("Invalid namespace"))]))
    return Array("44\(namespace),".utf8) + error.serialized
  }

  /// The acknowledgement of an event that said nothing to anybody.
  static func acknowledgement(_ identifier: Int) -> [UInt8] { Array("43\(identifier)[]".utf8) }

  /// An event, with its sequence as a last argument for those who can resume from it.
  static func event(_ event: LiveEvent, hasOffset: Bool) -> [UInt8] {
    var text = Array("42[\"\(event.name)\",".utf8)
    text += event.data
    if hasOffset { text += Array(",\"\(event.sequence)\"".utf8) }
    text.append(UInt8(ascii: "]"))
    return text
  }

  /// What tells everybody that the server ends on purpose.
  static let shutdown = Array(#"42["server-shutdown",{}]"#.utf8)
}
