import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Photos
import SystemPackage

/// An answer that is not a success: `{"error":"a sentence","code":"a_word",…}`.
struct APIError: Error {
  let status: HTTPResponse.Status
  let code: String
  let message: String
  var members = JSONObject()
  var fields = HTTPFields()

  init(_ status: HTTPResponse.Status, code: String, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  static func badRequest(_ code: String, _ message: String) -> APIError {
    APIError(.badRequest, code: code, message)
  }

  static let unauthorized = APIError(
    .unauthorized, code: "unauthorized", "Log in as administrator first.")

  static let removed = APIError(
    .conflict, code: "removed", "The entry of this submission was just removed.")

  static func notFound(_ message: String = "There is nothing here.") -> APIError {
    APIError(.notFound, code: "not_found", message)
  }

  /// The same with more members.
  func with(_ name: String, _ value: JSONValue) -> APIError {
    var error = self
    error.members[name] = value
    return error
  }

  /// The same with a header field.
  func with(_ name: HTTPField.Name, _ value: String) -> APIError {
    var error = self
    error.fields[name] = value
    return error
  }

  var response: Response {
    var object = JSONObject()
    object["error"] = .string(message)
    object["code"] = .string(code)
    for member in members.members { object[member.name] = member.value }
    var response = Response.json(.object(object), status: status)
    response.fields.append(contentsOf: fields)
    return response
  }
}

/// An error that has an HTTP response.
protocol AnsweredError: Error {
  var answer: APIError { get }
}

extension TransactionError: AnsweredError {
  var answer: APIError { APIError(self) }
}

extension FileError: AnsweredError {
  var answer: APIError { APIError(self) }
}

/// The one place where errors become status codes.
extension APIError {
  private static let retryNote: JSONValue =
    "It may not have been saved. Try again; with the same key it cannot be saved twice."

  /// Of the store.
  init(_ error: TransactionError) {
    switch error.cause {
    case .rejected(let rejection):
      self.init(Self.status(ofRefusal: rejection.code), code: rejection.code, rejection.reason)
    case .system(let failure) where failure.kind == .full: self = .diskFull
    case .contention:
      self.init(.serviceUnavailable, code: "busy", "The storage is busy. Try again in a moment.")
      members["note"] = Self.retryNote
      fields[.retryAfter] = "2"
    case .system, .damaged, .unrecoverable: self = .storageFailed
    }
  }

  /// Of a file beside the store.
  init(_ error: FileError) {
    self = error.isOfFullDisk ? .diskFull : .storageFailed
  }

  private static var diskFull: APIError {
    var error = APIError(
      .init(code: 507, reasonPhrase: "Insufficient Storage"), code: "disk_full", "The disk is full."
    )
    error.members["note"] = retryNote
    return error
  }

  private static var storageFailed: APIError {
    var error = APIError(
      .serviceUnavailable, code: "storage_failed", "The storage failed. Try again in a moment.")
    error.members["note"] = retryNote
    error.fields[.retryAfter] = "2"
    return error
  }

  /// Of a refusal by the contest's rules.
  init(_ refusal: Refusal) {
    self.init(Self.status(ofRefusal: refusal.code), code: refusal.code, refusal.reason)
  }

  private static func status(ofRefusal code: String) -> HTTPResponse.Status {
    switch code {
    case "unknown_entry", "unknown_round", "unknown_judge", "unknown_batch": .notFound
    case "not_on_panel", "recused": .forbidden
    case "category_closed", "category_not_open", "winners_changed", "bad_state", "has_entries",
      "event_finalized", "blocked", "withdrawn", "too_many_withdrawals",
      "in_use", "revision_conflict", "not_confirmed", "voting_not_open", "voting_open",
      "voting_closed", "voting_published", "code_void", "tally_seen", "tally_not_seen",
      "too_many_ballots", "voting_sealed", "wrong_key", "not_sealed":
      .conflict
    case "erased": .gone
    case "changed_meanwhile": .preconditionFailed
    case "exhausted": .serviceUnavailable
    default: .badRequest
    }
  }

  /// Of a photo.
  init(_ error: PhotoError, maxBytes: Int) {
    switch error {
    case .notAnImage:
      self.init(
        .unsupportedMediaType, code: "not_an_image",
        "The photo must be a JPEG, PNG, WebP or GIF picture."
      )
    case .empty:
      self.init(
        .unsupportedMediaType, code: "empty_photo",
        "The photo is empty: the file has no bytes. Choose it again, or enter without a photo.")
    case .incomplete:
      self.init(
        .unsupportedMediaType, code: "incomplete_photo",
        "The photo is cut off: its end is missing. Choose it again.")
    case .busy:
      self.init(
        .serviceUnavailable, code: "busy", "Other photos are being read. Try again in a moment.")
      members["note"] = Self.retryNote
      fields[.retryAfter] = "2"
    case .notConvertible(let type, _):
      self.init(
        .unsupportedMediaType, code: "not_convertible",
        "This site cannot read \(type.rawValue) photos. On an iPhone choose Settings, Camera, Formats, "
          + "Most Compatible and take it again, or send a screenshot of it.")
    case .tooManyPixels:
      self.init(
        .unsupportedMediaType, code: "too_many_pixels",
        "The photo has more than \(PhotoStore.maxPixels / 1_000_000) megapixels. Take it with a lower "
          + "resolution, or send a screenshot of it.")
    case .tooLarge: self = .tooLarge(maxBytes: maxBytes)
    case .storage(let cause): self.init(cause)
    }
  }

  static func tooLarge(maxBytes: Int) -> APIError {
    let megabytes = Double(maxBytes) / 1_048_576
    let size = megabytes >= 1 ? "\(Int(megabytes)) MB" : "\(maxBytes) bytes"
    return APIError(
      .contentTooLarge, code: "too_large",
      "The photo is larger than \(size). Take it with a lower resolution, or send a screenshot of it."
    )
  }

  /// Of a form.
  init(_ error: MultipartError) {
    self = .badRequest("bad_form", error.description)
  }

  /// Of a message-body.
  init(_ error: MessageBodyError) {
    self = .badRequest("incomplete_body", "The request ended before all of it had arrived.")
  }
}

extension Response {
  /// JSON in UTF-8 that no cache keeps.
  static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
    .json(text: value.serialized, status: status)
  }

  /// JSON that is serialized already; no cache keeps it.
  static func json(text: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status,
      fields: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
      body: text + [0x0A])
  }
}
