/// What the pages for browsers without scripts say, in one language.
struct PageText: Sendable {
  let language: String
  let title: String
  let photo: String
  let category: String
  let caption: String
  let name: String
  let phone: String
  let privacy: String
  let submit: String
  let closed: String
  let entered: String
  let pending: String
  let receipt: String
  let problem: String
  let back: String

  private static let english = PageText(
    language: "en", title: "Enter a tattoo", photo: "Photo (JPEG, PNG, WebP or GIF)",
    category: "Category", caption: "Caption", name: "Your name", phone: "Phone",
    privacy: "Name and phone are for the organizers only.", submit: "Enter it",
    closed: "No category takes entries at the moment.", entered: "You are in",
    pending: "The organizers look at it before everybody sees it.", receipt: "Your receipt",
    problem: "That did not work", back: "Back to the form")

  private static let german = PageText(
    language: "de", title: "Tattoo einsenden", photo: "Foto (JPEG, PNG, WebP oder GIF)",
    category: "Kategorie", caption: "Beschreibung", name: "Dein Name", phone: "Telefon",
    privacy: "Name und Telefon sehen nur die Veranstalter.", submit: "Einsenden",
    closed: "Zurzeit nimmt keine Kategorie Einsendungen an.", entered: "Du bist dabei",
    pending: "Die Veranstalter sehen es sich an, bevor alle es sehen.", receipt: "Deine Quittung",
    problem: "Das hat nicht geklappt", back: "Zurück zum Formular")

  /// The first language of `Accept-Language` that there is, else English.
  ///
  /// Weights are not looked at: browsers list what they want in its order (RFC 9110, section
  /// 12.5.4).
  static func best(for acceptLanguage: String?) -> PageText {
    for range in (acceptLanguage ?? "").split(separator: ",") {
      let tag = range.drop { $0 == " " }.prefix(2).lowercased()
      if let text = [english, german].first(where: { $0.language == tag }) { return text }
    }
    return english
  }
}
