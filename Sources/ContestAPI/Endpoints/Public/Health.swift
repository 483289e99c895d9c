import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Photos

/// Liveness and readiness, and what pages have to know about the site.
extension Router {
  /// `GET /health`: 200 as long as the process answers.
  static let health: Endpoint = { (site, _) throws(APIError) in
    let now = site.surroundings.nowMilliseconds()
    return .json([
      "status": "healthy", "timestamp": .int(now),
      "uptime": .int((now - site.startedAtMilliseconds) / 1000),
      "maxUploadBytes": .int(site.settings.maxUploadBytes),
    ])
  }

  /// `GET /api/site`: what the pages have to know:
  /// `{"event","maxUploadBytes","maxPixels","moderated","placesPerCategory","consent","rules"}`; its entity
  /// tag is the event's.
  static let facts: Endpoint = { (site, _) throws(APIError) in
    let settings = site.settings
    let event = try site.contest().state.event
    var response = Response.json([
      "event": event?.publicJSON ?? .null,
      "maxUploadBytes": .int(settings.maxUploadBytes), "maxPixels": .int(PhotoStore.maxPixels),
      "moderated": .bool(settings.isModerated),
      "placesPerCategory": .int(settings.placesPerCategory),
      "consent": settings.consent.map(JSONValue.string) ?? .null,
      "rules": settings.rules.map(JSONValue.string) ?? .null,
    ])
    response.fields[.cacheControl] = "max-age=5"
    response.fields[.eTag] = "\"\(ListMark(of: event).text)\""
    return response
  }

  /// `GET /ready`: 200 when the store opens, else 503 with the reason.
  static let ready: Endpoint = { (site, _) throws(APIError) in
    do throws(APIError) {
      _ = try site.contest()
      return .json(["ready": true])
    } catch {
      return .json(
        ["ready": false, "reason": .string(error.message)], status: .serviceUnavailable)
    }
  }
}
