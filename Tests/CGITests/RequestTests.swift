import CGI
import HTTPTypes
import Testing

private func request(
  _ variables: [String: String], body: [UInt8] = []
) throws -> Request {
  try Request(metaVariables: MetaVariables(variables), body: body)
}

struct `A request` {
  @Test func `is understood from its meta-variables (RFC 3875)`() throws {
    let request = try request(
      [
        "REQUEST_METHOD": "POST", "PATH_INFO": "/api/submit", "QUERY_STRING": "a=1&b=x+y%21&a=2",
        "CONTENT_TYPE": "text/plain", "CONTENT_LENGTH": "3", "HTTP_X_REQUEST_ID": "7",
      ], body: Array("abcdef".utf8))
    #expect(request.method == .post)
    #expect(request.path == "/api/submit")
    #expect(request.query["a"] == "1")
    #expect(request.query["b"] == "x y!")
    #expect(request.query["c"] == nil)
    #expect(request.fields[.contentType] == "text/plain")
    #expect(request.fields[HTTPField.Name("X-Request-Id")!] == "7")
    #expect(try request.body.readAll(upTo: 100) == Array("abc".utf8))
  }

  @Test(
    arguments: [
      ([:], "REQUEST_METHOD is missing"), (["REQUEST_METHOD": ""], "REQUEST_METHOD is missing"),
      (["REQUEST_METHOD": "G T"], "REQUEST_METHOD is not a token"),
      (
        ["REQUEST_METHOD": "GET", "CONTENT_LENGTH": "-1"], "CONTENT_LENGTH is not a number of bytes"
      ),
      (
        ["REQUEST_METHOD": "GET", "CONTENT_LENGTH": "1e3"],
        "CONTENT_LENGTH is not a number of bytes"
      ),
      (
        ["REQUEST_METHOD": "GET", "CONTENT_LENGTH": "99999999999999999999"],
        "CONTENT_LENGTH is not a number of bytes"
      ),
    ] as [([String: String], String)])
  func `without what it needs is refused with the variable's name`(
    _ variables: [String: String], _ message: String
  ) {
    let error = #expect(throws: MetaVariableError.self) { try request(variables) }
    #expect(error?.description == message)
  }

  @Test func `whose body is shorter than announced says so, once it is read`() throws {
    let request = try request(
      ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "10"], body: Array("abc".utf8))
    #expect(try request.body.read() == Array("abc".utf8))
    #expect(throws: MessageBodyError.shorterThanAnnounced) { try request.body.read() }
    #expect(try request.body.read().isEmpty)
  }

  @Test func `whose body is longer than announced has the rest drained`() throws {
    let request = try request(
      ["REQUEST_METHOD": "POST", "CONTENT_LENGTH": "2"], body: [UInt8](repeating: 1, count: 200_000)
    )
    #expect(try request.body.readAll(upTo: 10)?.count == 2)
    #expect(request.body.drain(upTo: 1 << 20))
    #expect(try request.body.read().isEmpty)
  }

  @Test(arguments: ["", "&&", "=", "a", "%", "%zz=%f", "a=%ff", "+=+"])
  func `with any query string is accepted`(_ query: String) throws {
    _ = try request(["REQUEST_METHOD": "GET", "QUERY_STRING": query])
  }
}

struct `A response` {
  @Test func `is a document response of a script (RFC 3875, section 6.2.1)`() {
    let response = Response(
      status: .ok, fields: [.contentType: "text/plain"], body: Array("hello".utf8))
    let text = "Status: 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\n"
    #expect(response.serialized(for: .get) == Array((text + "hello").utf8))
    #expect(response.serialized(for: .head) == Array(text.utf8))
  }

  @Test func `cannot hold a header field with a line break`() {
    let response = Response(status: .ok, fields: [.location: "/a\r\nSet-Cookie: x=y\u{0}"])
    let text = String(decoding: response.serialized(for: .get), as: UTF8.self)
    #expect(!text.contains("\r\nSet-Cookie"))
  }
}

struct `A cookie` {
  @Test(
    arguments: [
      ("a=1", ["1"]), ("b=2; a=1", ["1"]), ("b=2;a=1 ;c", ["1"]), ("xa=2; a=", [""]),
      ("a=x=y", ["x=y"]), ("b=a", []), ("", []), ("a", []), ("a=1; a=2", ["1", "2"]),
      // A mark that combines with the semicolon made one character of both.
      ("b=2;\u{301}a=1", []), ("b=\u{65E5};a=1", ["1"]), ("b=2;\u{200D}; a=1", ["1"]),
    ] as [(String, [String])])
  func `is found by its name, each of several`(_ field: String, _ expected: [String]) {
    #expect(Cookie.values(of: "a", in: field) == expected)
  }

  @Test func `is set for the whole site, out of reach of scripts`() {
    #expect(
      Cookie.setting("a", to: "1", maxAgeSeconds: 60, secure: true)
        == "a=1; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure")
  }
}
