import CGI
import Files
import HTTPTypes
import Logging
import Photos

/// Renditions of photos; the web server serves existing ones as files.
extension Router {
  /// What is shown in place of a picture that cannot be decoded.
  private static let placeholder = Array(
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 3"><path fill="#1e1e1e" d="M0 0h4v3H0z"/>\
    <path fill="none" stroke="#8c8c8c" stroke-width=".1" d="m1.5 1 1 1m0-1-1 1"/></svg>\n
    """.utf8)

  /// The paths below which they are, one for each width.
  static let renditionPaths = Renditions.widths.map { "/thumbs/\($0)/" }

  /// `GET /thumbs/{width}/{name}`: makes it, if nobody has yet.
  static let rendition: Endpoint = { (site, request) throws(APIError) in
    let parts = request.path.split(separator: "/")
    guard parts.count == 3, let width = Int(parts[1]),
      let photo = StoredPhoto(name: String(parts[2]))
    else { throw .notFound() }
    do throws(RenditionError) {
      guard let picture = try site.renditions.rendition(of: photo, width: width) else {
        return original(of: photo)
      }
      // From now on the web server serves the file.
      return picture.asAnswer(
        .ok, "image/webp", cached: "public, max-age=86400", forAllSeconds: 1)
    } catch {
      switch error {
      case .unknown: throw .notFound()
      case .busy: throw APIError.busyWithPictures
      case .tooSlow:
        site.logger.warning("no rendition in time", metadata: ["photo": "\(photo.name)"])
        throw APIError.busyWithPictures.afterSeconds(30)
      case .storage(let cause): throw APIError(cause)
      case .undecodable(let reason):
        site.logger.warning(
          "no rendition", metadata: ["photo": "\(photo.name)", "reason": "\(reason)"])
        // Cached, so that not every client triggers another attempt.
        return placeholder.asAnswer(
          .notFound, "image/svg+xml", cached: "max-age=60", forAllSeconds: 60)
      }
    }
  }

  /// Where the tool to make renditions is not installed.
  private static func original(of photo: StoredPhoto) -> Response {
    Response(
      status: .temporaryRedirect, fields: [.location: photo.url, .cacheControl: "no-cache"])
  }
}

extension HTTPField.Name {
  /// How long the web server gives the answer to others, in seconds
  /// (https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html#fastcgi_cache_valid).
  fileprivate static let accelExpires = HTTPField.Name("X-Accel-Expires")
}

extension [UInt8] {
  fileprivate func asAnswer(
    _ status: HTTPResponse.Status, _ mediaType: String, cached: String, forAllSeconds: Int
  ) -> Response {
    var fields: HTTPFields = [.contentType: mediaType, .cacheControl: cached]
    if let name = HTTPField.Name.accelExpires { fields[name] = String(forAllSeconds) }
    return Response(status: status, fields: fields, body: self)
  }
}

extension APIError {
  /// Returns the error with `Retry-After`; the web server caches it for that time.
  fileprivate func afterSeconds(_ seconds: Int) -> APIError {
    var error = self
    error.fields[.retryAfter] = String(seconds)
    if let name = HTTPField.Name.accelExpires { error.fields[name] = String(seconds) }
    return error
  }

  fileprivate static var busyWithPictures: APIError {
    APIError(
      .serviceUnavailable, code: "busy", "Other pictures are being made. Try again in a moment."
    )
    .with(.retryAfter, "1")
  }
}
