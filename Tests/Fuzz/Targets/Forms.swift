import CGI

/// Forms, header fields of parts, media types, cookies, query strings.
extension FuzzTarget {
  static let forms = [form, mediaType, cookie, query]

  /// The first byte says in what chunks it comes.
  private static let form = FuzzTarget(name: "form") { bytes in
    guard let first = bytes.first else { return }
    let body = Array(bytes.dropFirst())
    let whole = parts(of: body, chunkBytes: max(1, body.count))
    let inChunks = parts(of: body, chunkBytes: 1 + Int(first) % 61)
    require(whole == inChunks, "chunks make another form of it")
  }

  private struct Part: Equatable {
    let header: PartHeader
    var data: [UInt8] = []
    var isEnded = false
  }

  /// The parts; `nil` for a form that is refused.
  private static func parts(of body: [UInt8], chunkBytes: Int) -> [Part]? {
    do throws(MultipartError) {
      var parser = try MultipartParser(contentType: "multipart/form-data; boundary=X")
      var events: [MultipartParser.Event] = []
      for start in stride(from: 0, to: body.count, by: chunkBytes) {
        events += try parser.consume(Array(body[start..<min(body.count, start + chunkBytes)]))
      }
      events += try parser.finish()
      var parts: [Part] = []
      for event in events {
        switch event {
        case .began(let header):
          require(parts.last?.isEnded ?? true, "a part begins in a part")
          require(!header.name.utf8.contains(0), "a name holds a NUL")
          parts.append(Part(header: header))
        case .data(let bytes):
          require(!parts.isEmpty, "data of no part")
          parts[parts.count - 1].data += bytes
        case .ended: parts[parts.count - 1].isEnded = true
        }
      }
      require(parts.allSatisfy(\.isEnded), "a part does not end")
      require(parts.count <= MultipartLimits().maxParts, "too many parts")
      return parts
    } catch {
      return nil
    }
  }

  private static let mediaType = FuzzTarget(name: "media-type") { bytes in
    guard let text = String(validating: bytes, as: UTF8.self), let type = MediaType(text) else {
      return
    }
    require(!type.essence.isEmpty, "a type without a name")
    _ = (type[parameter: "boundary"], type.extended("filename"), type[parameter: "name"])
  }

  private static let cookie = FuzzTarget(name: "cookie") { bytes in
    let field = String(decoding: bytes, as: UTF8.self)
    let found = Cookie.values(of: "a", in: field)
    // What a cookie is set to is what is found, whatever stands beside it.
    let beside = Cookie.values(of: "a", in: field + "; a=b64.x-_ ;c=d")
    require(beside == found + ["b64.x-_"], "another cookie hides ours")
    require(found.allSatisfy { !$0.utf8.contains(UInt8(ascii: ";")) }, "a value holds a semicolon")
  }

  private static let query = FuzzTarget(name: "query") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let query = QueryString(text)
    require(query == QueryString(text), "a query is not equal to itself")
    require(query["a"] == query.values(of: "a").first, "one value is not the first of all")
    _ = query[""]
  }
}
