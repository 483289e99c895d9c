import CGI
import Contest
import HTTPTypes
import JSON
import Logging
import Photos

/// A submission's form as it comes in: fields in memory, the photo in a temporary file.
///
/// A photo that is not kept is removed with the form.
final class SubmissionForm {
  /// How long a field may be, in bytes.
  private static let maxFieldBytes = [
    "category": 64, "caption": 2000, "name": 200, "phone": 100, "artist": 200, "studio": 200,
    "submissionId": 64,
    "photoColor": 64,
  ]
  /// How long the parts that are not the photo may be together, with their headers.
  private static let maxOverheadBytes = 1 << 20

  private let site: Site
  private var fields: [String: [UInt8]] = [:]
  private var photo: PhotoUpload?
  private var hasPhotoPart = false
  /// Whether a file was named: if it has no bytes, the photo is refused as empty, not taken as absent.
  private var isPhotoNamed = false
  private var current: Part?

  /// What the part that is coming in is for.
  private enum Part {
    case field(String)
    case photo
    /// Not one of ours.
    case ignored
  }

  /// Whether its photo is wanted; otherwise it is read and forgotten.
  private let storesPhoto: Bool

  private init(_ site: Site, storesPhoto: Bool) {
    self.site = site
    self.storesPhoto = storesPhoto
  }

  deinit {
    discardPhoto()
  }

  /// Reads the whole form.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - site: The site.
  ///   - storesPhoto: Whether the photo is written to a file as it arrives.
  /// - Returns: The form.
  /// - Throws: `APIError` when it is malformed, incomplete or too long, or the photo cannot be
  ///   written.
  static func read(
    _ request: Request, _ site: Site, storesPhoto: Bool
  ) throws(APIError) -> SubmissionForm {
    guard request.body.announcedBytes <= site.settings.maxUploadBytes + maxOverheadBytes else {
      throw .tooLarge(maxBytes: site.settings.maxUploadBytes)
    }
    let form = SubmissionForm(site, storesPhoto: storesPhoto)
    var parser = try parsing { () throws(MultipartError) in
      try MultipartParser(contentType: request.fields[.contentType])
    }
    while case let chunk = try nextChunk(of: request.body), !chunk.isEmpty {
      for event in try parsing({ () throws(MultipartError) in try parser.consume(chunk) }) {
        try form.take(event)
      }
    }
    for event in try parsing({ () throws(MultipartError) in try parser.finish() }) {
      try form.take(event)
    }
    return form
  }

  /// A field's text, empty if it was not sent.
  ///
  /// - Throws: `APIError` when it is not UTF-8.
  func text(_ name: String) throws(APIError) -> String {
    guard let text = String(validating: fields[name] ?? [], as: UTF8.self) else {
      throw .badRequest("bad_form", "The field “\(name)” is not UTF-8.")
    }
    return text
  }

  /// Returns a field's text, checked for readability.
  ///
  /// - Throws: `APIError` when it is not UTF-8, or not readable (see `Writing`).
  func writing(_ name: String) throws(APIError) -> String {
    let text = try text(name)
    if let problem = Writing.problem(of: text) {
      throw .badRequest("bad_text", "The field “\(name)” \(problem).")
    }
    return text
  }

  /// Stores the photo, if one was sent.
  ///
  /// - Parameter isHidden: Whether nobody but organizers may see it yet.
  /// - Returns: The photo; `nil` if none was sent.
  /// - Throws: `APIError` when it is not accepted or cannot be stored.
  func keepPhoto(isHidden: Bool) throws(APIError) -> StoredPhoto? {
    // An invalid colour is ignored; it is no reason to refuse the photo.
    let colour = PhotoColour(String(decoding: fields["photoColor"] ?? [], as: UTF8.self))
    // The entry that has the photo was there when the form began to arrive.
    guard storesPhoto || !hasPhotoPart else { throw .removed }
    guard let upload = photo.take() else {
      if isPhotoNamed { throw refusal(.empty) }
      return nil
    }
    do throws(PhotoError) {
      return try site.photos.keep(upload, colour: colour, isHidden: isHidden)
    } catch {
      throw refusal(error)
    }
  }

  private func refusal(_ error: PhotoError) -> APIError {
    switch error {
    case .storage(let cause): site.logger.error("\(cause)")
    case .notConvertible(let type, let reason):
      site.logger.warning("a photo in \(type.rawValue) is refused: \(reason)")
    case .notAnImage, .empty, .incomplete, .tooManyPixels, .tooLarge, .busy: break
    }
    return APIError(error, maxBytes: site.settings.maxUploadBytes)
  }

  private func discardPhoto() {
    if let upload = photo.take() { upload.discard() }
  }

  private static func nextChunk(of body: MessageBody) throws(APIError) -> [UInt8] {
    do throws(MessageBodyError) {
      return try body.read()
    } catch {
      throw APIError(error)
    }
  }

  private static func parsing<Result>(
    _ body: () throws(MultipartError) -> Result
  ) throws(APIError) -> Result {
    do throws(MultipartError) {
      return try body()
    } catch {
      throw APIError(error)
    }
  }

  private func take(_ event: MultipartParser.Event) throws(APIError) {
    switch event {
    case .began(let header): current = try begin(header)
    case .data(let bytes): try append(bytes)
    case .ended: current = nil
    }
  }

  private func begin(_ header: PartHeader) throws(APIError) -> Part {
    if header.name == "photo" {
      guard !hasPhotoPart else { throw .badRequest("bad_form", "The form has two photos.") }
      hasPhotoPart = true
      isPhotoNamed = header.fileName?.isEmpty == false
      return .photo
    }
    guard Self.maxFieldBytes[header.name] != nil else { return .ignored }
    guard fields[header.name] == nil else {
      throw .badRequest("bad_form", "The form has the field “\(header.name)” twice.")
    }
    fields[header.name] = []
    return .field(header.name)
  }

  private func append(_ bytes: ArraySlice<UInt8>) throws(APIError) {
    switch current {
    case .field(let name): try append(bytes, toField: name)
    case .photo: try appendToPhoto(bytes)
    case .ignored, nil: break
    }
  }

  private func append(_ bytes: ArraySlice<UInt8>, toField name: String) throws(APIError) {
    fields[name, default: []] += bytes
    let maxBytes = Self.maxFieldBytes[name] ?? 0
    guard fields[name, default: []].count <= maxBytes else {
      throw .badRequest("field_too_long", "The field “\(name)” is longer than \(maxBytes) bytes.")
    }
  }

  /// A file input without a file sends an empty part, so only the first byte begins a photo.
  private func appendToPhoto(_ bytes: ArraySlice<UInt8>) throws(APIError) {
    guard storesPhoto else { return }
    do throws(PhotoError) {
      if photo == nil { photo = site.photos.receive(maxBytes: site.settings.maxUploadBytes) }
      try photo?.write(bytes)
    } catch {
      throw refusal(error)
    }
  }
}
