import Contest
import JSON
import Photos

/// The results of an archived event as a page that needs no program and no network: `results.html`.
///
/// It has what everybody could see at the site: winners, the audience's award, and all public entries.
struct ResultsPage {
  private let contest: Contest
  private let event: Event
  private let words: Words

  private struct Words {
    let language, winners, audience, entries, place, votes: String

    static let english = Words(
      language: "en", winners: "Winners", audience: "The audience’s award", entries: "All entries",
      place: "Place", votes: "votes")
    static let german = Words(
      language: "de", winners: "Gewinner", audience: "Publikumspreis", entries: "Alle Einsendungen",
      place: "Platz", votes: "Stimmen")
  }

  /// - Parameters:
  ///   - contest: The contest.
  ///   - event: Its event.
  ///   - language: `de` or `en`.
  init(of contest: Contest, _ event: Event, language: String) {
    (self.contest, self.event) = (contest, event)
    words = language == "de" ? .german : .english
  }

  /// The page.
  var text: [UInt8] {
    let name = HTMLPage.escaped(event.name)
    let tagline = event.tagline.map { "<p>\(HTMLPage.escaped($0))</p>\n" } ?? ""
    let page = """
      <!doctype html>
      <html lang="\(words.language)">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy"
        content="default-src 'none'; img-src 'self' file: https:; style-src 'unsafe-inline'">
      <title>\(name)</title>
      <style>\(Self.style)</style>
      <main>
      <h1>\(name)</h1>
      \(tagline)\(winners)\(audience)\(entries)</main>
      </html>

      """
    return Array(page.utf8)
  }

  private static let style = """
    body{font:1rem/1.5 system-ui,sans-serif;margin:0 auto;max-width:70rem;padding:1rem;color:#111;background:#fff}
    ul{display:grid;grid-template-columns:repeat(auto-fill,minmax(12rem,1fr));gap:1rem;list-style:none;padding:0}
    li{break-inside:avoid;overflow-wrap:anywhere}img{width:100%;height:12rem;object-fit:contain;background:#eee}
    b{display:block}
    """

  /// The published winners, as the site's own document has them.
  private var published: JSONObject {
    (try? JSONValue(parsing: contest.winnersJSON))?.object ?? JSONObject()
  }

  private var winners: String {
    let lists = published["winners"]?.object?.members ?? []
    let sections = lists.compactMap { list -> String? in
      let entries = (list.value.array ?? []).compactMap(\.object)
      guard !entries.isEmpty else { return nil }
      let cards = entries.enumerated().map { card($1, over: "\(words.place) \($0 + 1)") }
      return "<h3>\(categoryName(list.name))</h3>\n<ul>\n\(cards.joined())</ul>\n"
    }
    return sections.isEmpty ? "" : "<h2>\(words.winners)</h2>\n\(sections.joined())"
  }

  private var audience: String {
    let places = (published["audience"]?.array ?? []).compactMap(\.object)
    let cards = places.flatMap { place in
      (place["entries"]?.array ?? []).compactMap(\.object).map { entry in
        card(
          entry,
          over:
            "\(words.place) \(place["place"]?.int ?? 0): \(place["votes"]?.int ?? 0) \(words.votes)"
        )
      }
    }
    return cards.isEmpty ? "" : "<h2>\(words.audience)</h2>\n<ul>\n\(cards.joined())</ul>\n"
  }

  private var entries: String {
    let sections = contest.allEntries.compactMap { section -> String? in
      let shown = section.entries.filter(\.isShown)
      guard !shown.isEmpty else { return nil }
      let cards = shown.compactMap { $0.feedEntry.json.object.map { card($0) } }
      return "<h3>\(categoryName(section.category))</h3>\n<ul>\n\(cards.joined())</ul>\n"
    }
    return sections.isEmpty ? "" : "<h2>\(words.entries)</h2>\n\(sections.joined())"
  }

  private func categoryName(_ id: String) -> String {
    HTMLPage.escaped(contest.category(id: id)?.name ?? id)
  }

  private func card(_ entry: JSONObject, over heading: String? = nil) -> String {
    let caption = HTMLPage.escaped(entry["caption"]?.string ?? "")
    var lines = heading.map { ["<b>\($0)</b>"] } ?? []
    if let url = entry["imageUrl"]?.string {
      // The photos are beside the page.
      let source = StoredPhoto(url: url).map { EventArchive.photos + "/" + $0.name } ?? url
      lines.append("<img loading=\"lazy\" src=\"\(HTMLPage.escaped(source))\" alt=\"\(caption)\">")
    }
    let number = entry["number"]?.int.map { "\($0) " } ?? ""
    lines.append("\(number)\(caption)")
    let makers = ["artist", "studio"].compactMap { entry[$0]?.string }
      .filter { $0 != FeedEntry.artist && !$0.isEmpty }
    if !makers.isEmpty { lines.append("<br>" + HTMLPage.escaped(makers.joined(separator: ", "))) }
    return "<li>\(lines.joined())</li>\n"
  }
}
