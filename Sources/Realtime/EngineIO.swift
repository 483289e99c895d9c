/// Engine.IO 4 over HTTP long-polling: packets, payloads, errors
/// (https://socket.io/docs/v4/engine-io-protocol/).
enum EngineIO {
  static let pingIntervalMilliseconds = 25_000
  static let pingTimeoutMilliseconds = 20_000
  static let maxPayloadBytes = 1_000_000
  /// python-engineio clients reject a payload with more packets (`Payload.max_decode_packets`).
  static let maxPayloadPackets = 16

  /// A packet's type.
  enum PacketType: Character {
    case open = "0"
    case close = "1"
    case ping = "2"
    case pong = "3"
    case message = "4"
    case upgrade = "5"
    case noop = "6"
  }

  /// The first byte of a binary packet in a text payload; its bytes follow as Base64.
  static let binaryMark = UInt8(ascii: "b")

  /// Whether a text is Base64 (RFC 4648, section 4).
  static func isBase64(_ text: ArraySlice<UInt8>) -> Bool {
    let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    return text.count % 4 == 0 && padding <= 2
      && text.dropLast(padding).allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "/"):
          true
        default: false
        }
      }
  }

  /// Why a request is refused.
  enum Refusal: Int, Error {
    case unknownTransport = 0
    case unknownSession = 1
    case badHandshakeMethod = 2
    case badRequest = 3
    case forbidden = 4
    case unsupportedVersion = 5

    /// The protocol's words.
    var message: String {
      switch self {
      case .unknownTransport: "Transport unknown"
      case .unknownSession: "Session ID unknown"
      case .badHandshakeMethod: "Bad handshake method"
      case .badRequest: "Bad request"
      case .forbidden: "Forbidden"
      case .unsupportedVersion: "Unsupported protocol version"
      }
    }
  }

  /// The separator between the packets of a payload.
  static let separator: UInt8 = 0x1E

  /// The first packet of a session.
  static func open(_ sessionID: String) -> [UInt8] {
    Array(
      """
      0{"sid":"\(sessionID)","upgrades":[],"pingInterval":\(pingIntervalMilliseconds),\
      "pingTimeout":\(pingTimeoutMilliseconds),"maxPayload":\(maxPayloadBytes)}
      """.utf8)
  }

  static func packet(_ type: PacketType) -> [UInt8] { Array(String(type.rawValue).utf8) }
}
