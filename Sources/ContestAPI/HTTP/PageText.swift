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
  /// Messages by error code; for other codes the page shows the error's own message.
  let problems: [String: String]

  private static let english = PageText(
    language: "en", title: "Enter a tattoo", photo: "Photo (JPEG, PNG, WebP or GIF)",
    category: "Category", caption: "Caption", name: "Your name", phone: "Phone",
    privacy: "Name and phone are for the organizers only.", submit: "Enter it",
    closed: "No category takes entries at the moment.", entered: "You are in",
    pending: "The organizers look at it before everybody sees it.", receipt: "Your receipt",
    problem: "That did not work", back: "Back to the form",
    problems: [
      "too_large":
        "The photo is too large. Take it with a lower resolution, or send a screenshot of it.",
      "too_often": "Many people are entering at this moment. Wait a minute and send it again.",
      "unavailable":
        "The site cannot answer right now. Send it again: it cannot be entered twice.",
    ])

  private static let german = PageText(
    language: "de", title: "Tattoo einsenden", photo: "Foto (JPEG, PNG, WebP oder GIF)",
    category: "Kategorie", caption: "Beschreibung", name: "Dein Name", phone: "Telefon",
    privacy: "Name und Telefon sehen nur die Veranstalter.", submit: "Einsenden",
    closed: "Zurzeit nimmt keine Kategorie Einsendungen an.", entered: "Du bist dabei",
    pending: "Die Veranstalter sehen es sich an, bevor alle es sehen.", receipt: "Deine Quittung",
    problem: "Das hat nicht geklappt", back: "Zurück zum Formular",
    problems: [
      "too_large":
        "Das Foto ist zu groß. Nimm es mit geringerer Auflösung auf, oder schick einen Screenshot davon.",
      "too_many_pixels":
        "Das Foto hat zu viele Pixel. Nimm es mit geringerer Auflösung auf, oder schick einen Screenshot davon.",
      "too_often":
        "Gerade senden sehr viele etwas ein. Warte eine Minute und schick es noch einmal.",
      "unavailable":
        "Die Seite kann gerade nicht antworten. Schick es noch einmal: Doppelt kommt es nicht an.",
      "busy": "Gerade ist viel los. Schick es gleich noch einmal: Doppelt kommt es nicht an.",
      "storage_failed":
        "Das Speichern ist fehlgeschlagen. Schick es noch einmal: Doppelt kommt es nicht an.",
      "disk_full": "Der Server hat keinen Platz mehr. Sag bitte den Veranstaltern Bescheid.",
      "unknown_category": "Wähle eine Kategorie aus.",
      "category_closed": "Diese Kategorie nimmt keine Einsendungen mehr an.",
      "category_not_open": "Diese Kategorie nimmt noch keine Einsendungen an.",
      "not_an_image": "Das Foto muss ein Bild in JPEG, PNG, WebP oder GIF sein.",
      "empty_photo":
        "Das Foto ist leer: Die Datei hat keinen Inhalt. Wähle es noch einmal, oder sende ohne Foto ein.",
      "incomplete_photo": "Das Foto ist abgeschnitten: Sein Ende fehlt. Wähle es noch einmal.",
      "not_convertible":
        "Dieses Format kann die Seite nicht lesen. Schick einen Screenshot des Fotos.",
      "bad_text": "Ein Feld enthält Zeichen, die niemand lesen kann.",
      "field_too_long": "Ein Feld ist zu lang.",
      "bad_form": "Das Formular kam nicht richtig an. Schick es noch einmal.",
      "bad_key": "Das Formular kam nicht richtig an. Öffne es neu.",
      "incomplete_body": "Das Formular kam nicht ganz an. Schick es noch einmal.",
      "removed": "Diese Einsendung wurde gerade entfernt.",
    ])

  /// Returns the first supported language of `Accept-Language`, else English.
  ///
  /// Weights are ignored: browsers list languages in order of preference (RFC 9110, section 12.5.4).
  static func best(for acceptLanguage: String?) -> PageText {
    for range in (acceptLanguage ?? "").split(separator: ",") {
      let tag = range.drop { $0 == " " }.prefix(2).lowercased()
      if let text = [english, german].first(where: { $0.language == tag }) { return text }
    }
    return english
  }
}
