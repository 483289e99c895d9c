import CGI
import Testing

/// A part as a test writes it down.
struct Part: Equatable, CustomStringConvertible {
  var name: String
  var fileName: String?
  var text: String

  var description: String { "\(name)=\(text)" }
}

/// Parses a body in chunks of a size.
func parts(
  of body: [UInt8], contentType: String = "multipart/form-data; boundary=XX", chunkBytes: Int = .max
) throws -> [Part] {
  var parser = try MultipartParser(contentType: contentType)
  var events: [MultipartParser.Event] = []
  var rest = body[...]
  while !rest.isEmpty {
    events += try parser.consume(Array(rest.prefix(chunkBytes)))
    rest = rest.dropFirst(min(chunkBytes, rest.count))
  }
  events += try parser.finish()
  var parts: [Part] = []
  var bytes: [UInt8] = []
  for event in events {
    switch event {
    case .began(let header):
      parts.append(Part(name: header.name, fileName: header.fileName, text: ""))
      bytes = []
    case .data(let data): bytes += data
    case .ended: parts[parts.count - 1].text = String(decoding: bytes, as: UTF8.self)
    }
  }
  return parts
}

func bytes(_ text: String) -> [UInt8] { Array(text.replacing("\n", with: "\r\n").utf8) }

private let field = "Content-Disposition: form-data; name="

struct `A multipart body` {
  static let bodies: [(String, [Part])] = [
    ("--XX\n\(field)\"a\"\n\n1\n--XX--\n", [Part(name: "a", text: "1")]),
    ("--XX\n\(field)a\n\n1\n--XX--", [Part(name: "a", text: "1")]),
    ("preamble\n--XX\n\(field)\"a\"\n\n1\n--XX--\nepilogue\n--XX\n", [Part(name: "a", text: "1")]),
    (
      "--XX  \n\(field)\"a\"\n\n\n--XX\t\n\(field)\"b\"\n\n2\n--XX-- \n",
      [Part(name: "a", text: ""), Part(name: "b", text: "2")]
    ),
    // A part without a body: its header's end begins the delimiter.
    ("--XX\n\(field)\"a\"\n\n--XX--\n", [Part(name: "a", text: "")]),
    ("--XX--\n", []),
    // Look-alikes of the boundary are data.
    (
      "--XX\n\(field)\"a\"\n\n--X\n-XX\n--XXX\n--XX-\n--XX--x\n\n--XX--\n",
      [Part(name: "a", text: "--X\r\n-XX\r\n--XXX\r\n--XX-\r\n--XX--x\r\n")]
    ),
    ("--XX\n\(field)\"a\"\n\n\n\n--XX--\n", [Part(name: "a", text: "\r\n")]),
    (
      "--XX\nX-Other: 1\n\(field)\"p\"; filename=\"q\\\"r\\\\.png\"\nContent-Type: image/png\n\nP\n--XX--\n",
      [Part(name: "p", fileName: "q\"r\\.png", text: "P")]
    ),
    (
      "--XX\n\(field)\"p\"; filename=\"C:\\dir\\a.png\"\n\nP\n--XX--\n",
      [Part(name: "p", fileName: "C:\\dir\\a.png", text: "P")]
    ),
    (
      "--XX\n\(field)\"p\"; filename=\"a\"; filename*=UTF-8''%e2%82%ac.png\n\nP\n--XX--\n",
      [Part(name: "p", fileName: "€.png", text: "P")]
    ),
    (
      "--XX\ncontent-disposition:form-data;name=a;filename=b.png\n\nP\n--XX--\n",
      [Part(name: "a", fileName: "b.png", text: "P")]
    ),
  ]

  @Test(arguments: bodies) func `is split in whatever chunks it comes`(
    _ body: String, _ expected: [Part]
  ) throws {
    for size in [1, 2, 3, 5, 7, 16, .max] {
      #expect(try parts(of: bytes(body), chunkBytes: size) == expected, "chunks of \(size)")
    }
  }

  @Test(arguments: [
    ("boundary=\"a b'()+_,-./:=?\"", "a b'()+_,-./:=?"),
    ("boundary=----WebKitFormBoundary7", "----WebKitFormBoundary7"),
    ("charset=utf-8; Boundary=\"q\\\"q\"", "q\"q"),
  ])
  func `may have its boundary quoted or not`(_ parameter: String, _ boundary: String) throws {
    let body = bytes("--\(boundary)\n\(field)\"a\"\n\n1\n--\(boundary)--\n")
    #expect(
      try parts(of: body, contentType: "Multipart/Form-Data; \(parameter)") == [
        Part(name: "a", text: "1")
      ])
  }

  static let malformed: [(String, String)] = [
    ("", "The form ends before its closing boundary."),
    ("nothing", "The form ends before its closing boundary."),
    ("--XX\n\(field)\"a\"\n\n1\n", "The form ends before its closing boundary."),
    ("--XX\n\(field)\"a\"\n\n1\n--XX-", "The form ends before its closing boundary."),
    ("--XX\n\n1\n--XX--\n", "A part has no Content-Disposition of form-data."),
    (
      "--XX\nContent-Disposition: attachment; name=a\n\n1\n--XX--\n",
      "A part has no Content-Disposition of form-data."
    ),
    ("--XX\nContent-Disposition: form-data\n\n1\n--XX--\n", "A part has no name."),
    ("--XX\n\(field)\"a\n\n1\n--XX--\n", "A part's Content-Disposition is malformed."),
    ("--XX\n\(field)a; name=b\n\n1\n--XX--\n", "A part's Content-Disposition is malformed."),
    ("--XX\n\(field)a\n\(field)b\n\n1\n--XX--\n", "A part's Content-Disposition is malformed."),
    ("--XX\nno colon\n\n1\n--XX--\n", "A part's header has a line that is no header field."),
    (
      "--XX\n\(field)a; filename=\"x%0d%0aSet-Cookie: a\"\n\n1\n--XX--\n",
      "A part's name or file name holds a line break or a NUL."
    ),
    (
      "--XX\n\(field)a; filename*=UTF-8''x%00.png\n\n1\n--XX--\n",
      "A part's name or file name holds a line break or a NUL."
    ),
    ("--XX\n\(field)\"a\u{0}\"\n\n1\n--XX--\n", "A part's header holds a bare CR or a NUL."),
  ]

  @Test(arguments: malformed) func `that is malformed is refused with what was wrong`(
    _ body: String, _ message: String
  ) {
    for size in [1, 9, .max] {
      let error = #expect(throws: MultipartError.self) {
        try parts(of: bytes(body), chunkBytes: size)
      }
      #expect(error?.description == message)
    }
  }

  @Test func `with lines that end in LF alone is refused`() {
    let body = Array("--XX\n\(field)\"a\"\n\n1\n--XX--\n".utf8)
    let error = #expect(throws: MultipartError.self) { try parts(of: body) }
    #expect(error?.description == "The form's lines must end with CRLF, not LF alone.")
    let header = Array("--XX\r\n\(field)\"a\"\nX: y\r\n\r\n1\r\n--XX--\r\n".utf8)
    let other = #expect(throws: MultipartError.self) { try parts(of: header) }
    #expect(other?.description == "A part's header lines must end with CRLF, not LF alone.")
  }

  @Test(
    arguments: [
      (nil, "The form must be sent as multipart/form-data."),
      ("text/plain", "The form must be sent as multipart/form-data."),
      ("multipart/mixed; boundary=x", "The form must be sent as multipart/form-data."),
      ("multipart/form-data", "The form's content type has no boundary."),
      ("multipart/form-data; boundary=", "The form's boundary is malformed."),
      ("multipart/form-data; boundary=\"x \"", "The form's boundary is malformed."),
      (
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
        "The form's boundary is malformed."
      ),
    ] as [(String?, String)])
  func `without a usable content type is refused`(_ type: String?, _ message: String) {
    let error = #expect(throws: MultipartError.self) { try MultipartParser(contentType: type) }
    #expect(error?.description == message)
  }

  @Test func `is bounded in the number of parts and the length of a header`() throws {
    func many(_ count: Int) -> String {
      String(repeating: "--XX\n\(field)\"a\"\n\n1\n", count: count) + "--XX--\n"
    }
    #expect(try parts(of: bytes(many(100))).count == 100)
    #expect(throws: MultipartError.self) { try parts(of: bytes(many(101))) }
    let long = "--XX\n\(field)\"a\"\nX: \(String(repeating: "y", count: 9000))\n\n1\n--XX--\n"
    for size in [100, .max] {
      #expect(throws: MultipartError.self) { try parts(of: bytes(long), chunkBytes: size) }
    }
    let spaces = "--XX" + String(repeating: " ", count: 10_000)
    #expect(throws: MultipartError.self) { try parts(of: bytes(spaces), chunkBytes: 100) }
  }

  @Test func `of ten megabytes is passed on in pieces no larger than what came`() throws {
    var parser = try MultipartParser(contentType: "multipart/form-data; boundary=XX")
    _ = try parser.consume(bytes("--XX\n\(field)\"a\"\n\n"))
    var largest = 0
    var total = 0
    let chunk = [UInt8](repeating: 0x0D, count: 65_536)
    for _ in 0..<160 {
      for case .data(let data) in try parser.consume(chunk) {
        largest = max(largest, data.count)
        total += data.count
      }
    }
    #expect(largest <= 65_536 + 8)
    #expect(total > 159 * 65_536)
  }

  @Test func `of random pieces of forms never traps, and is the same in any chunks`() {
    let pieces = [
      "--XX", "\r\n", "--", "\r", "\n", " ", field, "\"a\"", "a", ";", "filename=", ":", "\r\n\r\n",
      "x",
    ]
    var state = UInt64.random(in: 0 ... .max)
    let seed = state
    for _ in 0..<3000 {
      var text = "--XX\r\n\(field)a\r\n\r\n"
      for _ in 0..<12 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      text += "\r\n--XX--\r\n"
      let whole = try? parts(of: Array(text.utf8))
      let single = try? parts(of: Array(text.utf8), chunkBytes: 1)
      #expect(whole == single, "seed \(seed): \(text.debugDescription)")
    }
  }
}
