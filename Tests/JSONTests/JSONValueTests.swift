import JSON
import Testing

struct `A JSON text` {
  @Test(arguments: [
    "null", "true", "false", "0", "-1.50e+3", "\"\"", "[]", "{}", "[1,[2,{\"a\":null}]]",
    "{\"b\":1,\"a\":2}", "\"\u{e9}\u{1f600}\"", "12345678901234567890.000",
  ])
  func `comes back byte for byte`(_ text: String) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)).serialized == Array(text.utf8))
  }

  @Test(arguments: [
    (#""\u0041\n\t\"\\\/\b\f\r""#, "A\n\t\"\\/\u{8}\u{c}\r"), (#""\ud83d\ude00""#, "\u{1f600}"),
    (#""\ud83d""#, "\u{fffd}"), (#""\ud83dx""#, "\u{fffd}x"),
    (#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
  ])
  func `has its escapes decoded`(_ text: String, _ expected: String) throws {
    #expect(try JSONValue(parsing: Array(text.utf8)).string == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[", "\"", "tru", "nul", "01", "1.", "1e", "-", "+1", "[1,]", "{\"a\":1,}",
    "{a:1}",
    "{\"a\"}", "[1 2]", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "1 2", "'a'", "NaN", "[]]", "\u{feff}1",
  ])
  func `that is malformed is refused with the place`(_ text: String) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    #expect((error?.byteOffset ?? -1) >= 0)
  }

  @Test func `that is not UTF-8 is refused`() {
    for bytes in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: bytes.map { UInt8($0) }) }
    }
  }

  @Test func `may be nested 128 deep and no deeper`() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSONValue(parsing: nested(128))
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(129)) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: nested(1_000_000)) }
  }

  @Test func `of any bytes never traps`() {
    var generator = SystemRandomNumberGenerator()
    let seed = generator.next()
    var state = seed
    let alphabet = Array("{}[]\",:\\u0123eE+-.truefalsn \n".utf8) + [0, 0xFF]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...40)).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      if let value = try? JSONValue(parsing: text) {
        #expect((try? JSONValue(parsing: value.serialized)) == value, "seed \(seed)")
      }
    }
  }
}

struct `A JSON object` {
  @Test func `keeps the order of its members, and the last of two with one name counts`() throws {
    var object = try #require(try JSONValue(parsing: Array(#"{"b":1,"a":2,"b":3}"#.utf8)).object)
    #expect(object["b"] == 3)
    object["c"] = "new"
    object["a"] = nil
    #expect(object.members.map(\.name) == ["b", "b", "c"])
  }
}
