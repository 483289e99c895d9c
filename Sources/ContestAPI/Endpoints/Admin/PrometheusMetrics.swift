import CGI
import Contest
import DurableStore
import Files
import HTTPTypes
import JSON
import Logging

/// How the site is doing, for a monitoring system.
extension Router {
  /// `GET /metrics`: Prometheus's text format, over all processes; for bearers of `METRICS_TOKEN`,
  /// and 404 until one is set.
  static let prometheusMetrics: Endpoint = { (site, request) throws(APIError) in
    guard let measurements = site.measurements else { throw .notFound() }
    guard site.bearsMetricsToken(request) else {
      throw APIError.unauthorized.with(.wwwAuthenticate, "Bearer")
    }
    var page = PrometheusText()
    do throws(FileError) {
      page.add(try measurements.share())
    } catch {
      // On a full disk the other metrics are still shown.
      site.logger.warning("\(error)")
    }
    page.add(
      "contest_build_info", type: "gauge", help: "The version of the program that answers.",
      values: [("version=\"\(Release.version)\"", 1)])
    addStorage(of: site, to: &page)
    addLive(of: site, to: &page)
    return Response(
      status: .ok, fields: [.contentType: PrometheusText.contentType, .cacheControl: "no-store"],
      body: Array(page.text.utf8))
  }

  private static func addStorage(of site: Site, to page: inout PrometheusText) {
    guard let contest = try? site.contest().state, let report = try? site.store.report() else {
      return page.gauge("contest_store_up", help: "Whether the data can be read.", 0)
    }
    page.gauge("contest_store_up", help: "Whether the data can be read.", 1)
    page.add(
      "contest_entries", type: "gauge", help: "Entries by category.",
      values: contest.allEntries.map { (label("category", $0.category), Double($0.entries.count)) })
    for metric in report.metrics {
      page.add(
        metric.name, type: metric.isCounter ? "counter" : "gauge", help: metric.help,
        values: [("", Double(metric.value))])
    }
    page.add(
      "contest_storage_status", type: "gauge",
      help: "0 good, 1 warning, 2 critical, for each indicator.",
      values: report.indicators.map { indicator in
        (label("indicator", indicator.name), Double(indicator.status.level))
      })
  }

  private static func addLive(of site: Site, to page: inout PrometheusText) {
    let now = site.surroundings.nowMilliseconds()
    let report = LiveNoteboard(site.settings).read(nowMilliseconds: now)?.object
    page.gauge("contest_live_up", help: "Whether the live process lives.", report == nil ? 0 : 1)
    guard let report else { return }
    func number(_ section: String, _ name: String) -> Double {
      Double(report[section]?.object?[name]?.int ?? 0)
    }
    page.add(
      "contest_live_clients", type: "gauge", help: "Live clients by transport.",
      values: [
        (label("transport", "events"), number("connections", "eventStreams")),
        (label("transport", "socketio"), number("connections", "socketIO")),
      ])
    page.add(
      "contest_live_events_sent_total", type: "counter",
      help: "Events handed to clients, each client counted.",
      values: [("", number("events", "sent"))])
    page.add(
      "contest_live_dropped_clients_total", type: "counter",
      help: "Clients that did not read or answer.",
      values: [("", number("events", "droppedClients"))])
    page.add(
      "contest_live_lag_seconds", type: "gauge",
      help: "Time from the commit to the last client, over recent events.",
      values: [
        (label("percentile", "50"), number("lagMs", "p50") / 1000),
        (label("percentile", "95"), number("lagMs", "p95") / 1000),
      ])
  }

  private static func label(_ name: String, _ value: String) -> String {
    "\(name)=\"\(PrometheusText.escaped(value))\""
  }
}
