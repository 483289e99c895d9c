import CGI
import Contest
import DurableStore
import HTTPTypes
import Photos

/// Photos in full size, for web servers that cannot serve the folder themselves.
extension Router {
  /// `GET /uploads/{name}`.
  static let photo: Endpoint = { (site, request) throws(APIError) in
    guard let photo = StoredPhoto(name: lastSegment(of: request)), site.photos.shows(photo),
      let type = photo.mediaType, let picture = site.photos.contents(of: photo)
    else { throw .notFound() }
    return Response(
      status: .ok,
      fields: [
        .contentType: type, .cacheControl: "public, max-age=86400",
        .xContentTypeOptions: "nosniff",
      ], body: picture)
  }
}

/// Photos that are not public.
extension Router {
  /// `GET /api/photos/{name}`: for organizers, who decide on them.
  static let organizersPhoto: Endpoint = { (site, request) throws(APIError) in
    try site.requireAdministrator(request)
    guard let photo = StoredPhoto(name: lastSegment(of: request)) else { throw .notFound() }
    return try privately(photo, site)
  }

  /// `GET /api/submissions/{submissionId}/photo`: for whoever has the receipt.
  static let entrantsPhoto: Endpoint = { (site, request) throws(APIError) in
    let submissionID = request.path.split(separator: "/").dropLast().last.map(String.init) ?? ""
    let entry = try site.contest().state.entry(ofSubmission: submissionID)
    guard let entry, entry.moderation != .rejected,
      let photo = entry.imageURL.flatMap(StoredPhoto.init(url:))
    else { throw .notFound() }
    return try privately(photo, site)
  }

  private static func privately(
    _ photo: StoredPhoto, _ site: Site
  ) throws(APIError) -> Response {
    guard let type = photo.mediaType, let picture = site.photos.contents(of: photo) else {
      throw .notFound()
    }
    return Response(
      status: .ok,
      fields: [
        .contentType: type, .cacheControl: "private, no-store", .xContentTypeOptions: "nosniff",
      ], body: picture)
  }
}
