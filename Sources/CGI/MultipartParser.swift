import ASCII

/// Why a `multipart/form-data` body is refused; the text is a sentence for the client.
public struct MultipartError: Error, Equatable, CustomStringConvertible {
  /// What was wrong, as a sentence.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// Bounds on the structure of a form.
public struct MultipartLimits: Sendable {
  /// How many parts there may be.
  public var maxParts = 100
  /// How long one part's header may be, in bytes.
  public var maxHeaderBytes = 8192

  /// The usual bounds.
  public init() {}
}

/// Splits a `multipart/form-data` body as it arrives, in chunks of any size (RFC 7578, RFC 2046).
///
/// Lines end with CRLF, as the RFCs say; a bare LF in a delimiter or a part's header is refused, so
/// that two parsers cannot read one body differently. A boundary followed by anything but white space
/// and a line end is data. Besides the current chunk the parser holds at most one header's length of
/// bytes.
public struct MultipartParser: Sendable {
  /// What the parser found in a chunk of the body.
  public enum Event: Sendable, Equatable {
    case began(PartHeader)
    /// The next bytes of the part that began last.
    case data(ArraySlice<UInt8>)
    /// The part that began last is complete.
    case ended
  }

  private enum State { case preamble, header, data, epilogue }

  /// What follows a delimiter's boundary.
  private enum LineEnd {
    case next(Int)
    case closing, lookAlike, incomplete, bareLineFeed
  }

  private let delimiter: [UInt8]
  private let limits: MultipartLimits
  private var state = State.preamble
  private var partCount = 0
  /// Begins with the line end that the first delimiter may lack (RFC 2046, section 5.1.1).
  private var pending: [UInt8] = [0x0D, 0x0A]
  /// How many bytes at the front of `pending` end a header and may begin the delimiter of a part
  /// without data (RFC 2046, section 5.1.1, `body-part`); they are never data.
  private var overlapBytes = 0

  /// Reads the boundary from a content type.
  ///
  /// - Throws: `MultipartError` when this is not a form, or its boundary is missing or malformed
  ///   (1 to 70 characters, RFC 2046, section 5.1.1).
  public init(
    contentType: String?, limits: MultipartLimits = MultipartLimits()
  ) throws(MultipartError) {
    guard let type = contentType.flatMap(MediaType.init), type.essence == "multipart/form-data"
    else { throw MultipartError("The form must be sent as multipart/form-data.") }
    guard let boundary = type[parameter: "boundary"] else {
      throw MultipartError("The form's content type has no boundary.")
    }
    guard (1...70).contains(boundary.utf8.count), !boundary.hasSuffix(" "),
      boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else { throw MultipartError("The form's boundary is malformed.") }
    delimiter = Array("\r\n--\(boundary)".utf8)
    self.limits = limits
  }

  /// Parses the next chunk and returns its events.
  ///
  /// - Throws: `MultipartError` when the body is malformed or over a limit.
  public mutating func consume(_ chunk: [UInt8]) throws(MultipartError) -> [Event] {
    guard state != .epilogue else { return [] }
    pending += chunk
    return try parse(isLast: false)
  }

  /// Ends the body and returns its last events.
  ///
  /// - Throws: `MultipartError` when the closing delimiter is missing.
  public mutating func finish() throws(MultipartError) -> [Event] {
    let events = try parse(isLast: true)
    guard state == .epilogue else {
      throw MultipartError("The form ends before its closing boundary.")
    }
    return events
  }

  private mutating func parse(isLast: Bool) throws(MultipartError) -> [Event] {
    var events: [Event] = []
    var needsMore = false
    while !needsMore, state != .epilogue {
      needsMore =
        state == .header
        ? try !parseHeader(&events) : try !parseData(isLast: isLast, &events)
    }
    return events
  }

  /// Parses one header; false when more bytes are needed.
  private mutating func parseHeader(_ events: inout [Event]) throws(MultipartError) -> Bool {
    let end = endOfHeader
    guard (end ?? pending.count) <= limits.maxHeaderBytes else {
      throw MultipartError("A part's header is longer than \(limits.maxHeaderBytes) bytes.")
    }
    guard let end else { return false }
    events.append(.began(try PartHeader(parsing: pending[..<end])))
    pending.removeFirst(end - 2)
    overlapBytes = 2
    state = .data
    return true
  }

  private var endOfHeader: Int? {
    if pending.starts(with: [0x0D, 0x0A]) { return 2 }
    return index(of: [0x0D, 0x0A, 0x0D, 0x0A], from: 0).map { $0 + 4 }
  }

  /// Passes data on up to the next delimiter; false when more bytes are needed.
  private mutating func parseData(isLast: Bool, _ events: inout [Event]) throws(MultipartError)
    -> Bool
  {
    var search = 0
    while let found = index(of: delimiter, from: search) {
      switch lineEnd(after: found + delimiter.count, isLast: isLast) {
      case .next(let end):
        try endData(at: found, next: .header, droppingTo: end, &events)
        return true
      case .closing:
        try endData(at: found, next: .epilogue, droppingTo: pending.count, &events)
        return true
      case .lookAlike: search = found + 2
      case .incomplete:
        guard pending.count - found <= limits.maxHeaderBytes else {
          throw MultipartError("A boundary's line is longer than \(limits.maxHeaderBytes) bytes.")
        }
        passOn(upTo: found, &events)
        return false
      case .bareLineFeed: throw MultipartError("The form's lines must end with CRLF, not LF alone.")
      }
    }
    // What is kept may be the beginning of a delimiter.
    passOn(upTo: max(search, pending.count - delimiter.count + 1), &events)
    return false
  }

  private mutating func endData(
    at end: Int, next: State, droppingTo rest: Int, _ events: inout [Event]
  ) throws(MultipartError) {
    let dropped = rest - end
    passOn(upTo: end, &events)
    pending.removeFirst(dropped)
    if state == .data { events.append(.ended) }
    state = next
    guard next == .header else { return }
    partCount += 1
    guard partCount <= limits.maxParts else {
      throw MultipartError("The form has more than \(limits.maxParts) parts.")
    }
  }

  /// Emits the bytes before `end` as data, except for the overlap, and removes them from `pending`.
  private mutating func passOn(upTo end: Int, _ events: inout [Event]) {
    guard end > 0 else { return }
    if state == .data, end > overlapBytes { events.append(.data(pending[overlapBytes..<end])) }
    overlapBytes = max(0, overlapBytes - end)
    pending = Array(pending[end...])
  }

  private func lineEnd(after position: Int, isLast: Bool) -> LineEnd {
    let isClosing = pending[position...].starts(with: [0x2D, 0x2D])
    var end = position + (isClosing ? 2 : 0)
    while end < pending.count, pending[end] == 0x20 || pending[end] == 0x09 { end += 1 }
    let rest = pending[end...].prefix(2)
    if rest.elementsEqual([0x0D, 0x0A]) { return isClosing ? .closing : .next(end + 2) }
    if isClosing, rest.isEmpty, isLast { return .closing }
    if !isClosing, rest.first == 0x0A { return .bareLineFeed }
    let mayGoOn = rest.isEmpty || (rest.count == 1 && (rest.first == 0x0D || rest.first == 0x2D))
    return mayGoOn && !isLast ? .incomplete : .lookAlike
  }

  private func index(of pattern: [UInt8], from start: Int) -> Int? {
    guard start <= pending.count else { return nil }
    return pending[start...].index(ofBytes: pattern)
  }
}
