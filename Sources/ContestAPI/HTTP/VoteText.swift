import Contest

/// What the ballot for browsers without scripts says, in one language.
struct VoteText: Sendable {
  let language: String
  let title: String
  let code: String
  let open: String
  let chooseOne: String
  /// With `{count}` for how many.
  let choose: String
  let send: String
  let kept: String
  /// Instead of what was chosen, while the ballots are sealed.
  let sealed: String
  let tracker: String
  let trackerNote: String
  let change: String
  let otherCard: String
  /// Why nothing can be chosen at the moment.
  let states: [Voting.State: String]
  /// Messages by error code; for other codes the page shows the error's own message.
  let problems: [String: String]

  private static let english = VoteText(
    language: "en", title: "Your vote", code: "The code on your card", open: "Open",
    chooseOne: "Choose one", choose: "Choose up to {count}", send: "Vote", kept: "You have voted",
    sealed: "What you have chosen is sealed until the vote is over.",
    tracker: "Your tracker",
    trackerNote:
      "Note it: when the result is published, the list of all votes shows yours under it.",
    change: "Change my vote", otherCard: "Use another card",
    states: [
      .setup: "The vote has not begun yet.", .closed: "The vote is closed.",
      .published: "The result is published.",
    ], problems: [:])

  private static let german = VoteText(
    language: "de", title: "Deine Stimme", code: "Der Code auf deiner Karte", open: "Öffnen",
    chooseOne: "Wähle eins", choose: "Wähle bis zu {count}", send: "Abstimmen",
    kept: "Du hast abgestimmt",
    sealed: "Was du gewählt hast, ist versiegelt, bis die Abstimmung vorbei ist.",
    tracker: "Dein Kennzeichen",
    trackerNote:
      "Schreib es auf: Wenn das Ergebnis veröffentlicht ist, steht deine Stimme damit in der Liste aller Stimmen.",
    change: "Stimme ändern", otherCard: "Andere Karte benutzen",
    states: [
      .setup: "Die Abstimmung hat noch nicht begonnen.",
      .closed: "Die Abstimmung ist geschlossen.",
      .published: "Das Ergebnis ist veröffentlicht.",
    ],
    problems: [
      "wrong_code":
        "Diesen Code gibt es nicht. Vergleich ihn mit der Karte; die Buchstaben I, L und O kommen darin nicht vor.",
      "too_many_attempts":
        "Zu viele falsche Codes. Warte einen Moment, und sieh noch einmal auf die Karte.",
      "no_cookie":
        "Dieser Browser behält keine Cookies. Erlaube sie für diese Seite, und öffne sie noch einmal.",
      "no_key": "Die Karten gehen gerade nicht. Sag bitte den Veranstaltern Bescheid.",
      "other_vote":
        "Das war für eine andere Abstimmung gewählt: Eine Stichwahl hat begonnen oder ist vorbei. Wähle noch einmal.",
      "unavailable": "Die Seite kann gerade nicht antworten. Schick es gleich noch einmal.",
      "code_void":
        "Diese Karte haben die Veranstalter zurückgenommen. Frag sie nach einer anderen.",
      "bad_choices": "Das sind zu viele oder zu wenige. Wähle noch einmal.",
      "not_eligible": "Eine der Einsendungen kann nicht mehr gewählt werden. Sieh noch einmal hin.",
      "voting_not_open": "Die Abstimmung hat noch nicht begonnen.",
      "voting_closed": "Die Abstimmung war schon geschlossen. Deine Stimme kam zu spät.",
      "voting_published": "Das Ergebnis ist schon veröffentlicht.",
      "too_many_ballots": "Diese Stimme wurde zu oft geändert. Die letzte gilt.",
      "busy": "Gerade ist viel los. Schick es gleich noch einmal: Doppelt zählt es nicht.",
      "storage_failed":
        "Das Speichern ist fehlgeschlagen. Schick es noch einmal: Doppelt zählt es nicht.",
      "disk_full": "Der Server hat keinen Platz mehr. Sag bitte den Veranstaltern Bescheid.",
    ])

  /// Returns the first supported language of `Accept-Language`, else English.
  static func best(for acceptLanguage: String?) -> VoteText {
    PageText.best(for: acceptLanguage).language == german.language ? german : english
  }
}
