/// A drawn tattoo as SVG: a motif in ink on skin, for a site that has no entries yet.
struct TattooDrawing {
  /// What is drawn; each case is an element of SVG in a square from -100 to 100.
  enum Motif: String, CaseIterable {
    case heart, mandala, moon, anchor, dagger, rose, wave, eye

    /// What an entrant calls it.
    var caption: String {
      switch self {
      case .heart: "Mum's heart"
      case .mandala: "Eight winds"
      case .moon: "Night over the bay"
      case .anchor: "Home port"
      case .dagger: "No mercy"
      case .rose: "Last summer's rose"
      case .wave: "The great swell"
      case .eye: "Watching you"
      }
    }
  }

  private static let skins = ["#e9c6a6", "#c99468", "#8d5a3b", "#f3d9c4", "#a87449"]
  private static let colours = ["#a3242c", "#1f6f78", "#c7822a", "#4b3a78", "#2d6a45"]
  private static let ink = "#17161a"

  let motif: Motif
  /// Chooses skin, colour, tilt and shape; the same number gives the same drawing.
  let variation: Int

  /// The drawing, 900 wide and between 900 and 1,200 high.
  var svg: String {
    let height = 900 + variation % 4 * 100
    let skin = Self.skins[variation % Self.skins.count]
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="900" height="\(height)" viewBox="0 0 900 \(height)">
      <defs><radialGradient id="light" cx="0.4" cy="0.35" r="0.9"><stop offset="0" stop-color="#fff" stop-opacity="0.25"/>\
      <stop offset="1" stop-color="#000" stop-opacity="0.35"/></radialGradient></defs>
      <rect width="900" height="\(height)" fill="\(skin)"/><rect width="900" height="\(height)" fill="url(#light)"/>
      <g transform="translate(450 \(height / 2)) rotate(\(variation % 5 * 4 - 8)) scale(3.6)" fill="none" \
      stroke="\(Self.ink)" stroke-width="4" stroke-linejoin="round" stroke-linecap="round">\(drawing)</g></svg>
      """
  }

  private var colour: String { Self.colours[variation % Self.colours.count] }

  private var drawing: String {
    switch motif {
    case .heart:
      path(
        "M0 78C-96 10-74-66-32-62C-12-60 0-40 0-30C0-40 12-60 32-62C74-66 96 10 0 78Z", fill: colour
      )
        + path("M-84 12C-40 34 40-14 84 8L78 40C40 18-40 62-86 42Z", fill: "#f4e7cf")
        + path("M-52 34h20M-22 30h18M8 24h18M38 20h16")
    case .mandala:
      ring(of: 8 + variation % 3 * 4) { _ in
        path("M0-88C20-64 18-40 0-28C-18-40-20-64 0-88Z", fill: colour) + path("M0-70V-38")
      } + ring(of: 12) { _ in circle(0, -24, radius: 5) } + circle(0, 0, radius: 14, fill: colour)
    case .moon:
      path("M22-84A84 84 0 1 0 60 58A66 66 0 1 1 22-84Z", fill: colour)
        + (0..<7).map {
          circle($0 * 13 - 8, ($0 * 37) % 90 - 50, radius: 2 + $0 % 3, fill: Self.ink)
        }
        .joined()
        + path("M-90 84C-60 70-40 98-10 84S50 70 90 84")
    case .anchor:
      circle(0, -74, radius: 14) + path("M0-60V78M-34-40H34")
        + path("M-74 22C-66 66-34 84 0 84S66 66 74 22L52 34M-74 22L-52 34")
        + path("M-60-20C-20 0 30-30 56 4S-20 40-40 70", stroke: colour)
    case .dagger:
      path("M0 92L-16-20H16Z", fill: "#dfe3e6") + path("M-44-20H44L36-34H-36Z", fill: colour)
        + path("M-10-34V-74H10V-34Z", fill: "#6b4a2f") + circle(0, -84, radius: 11, fill: colour)
        + path("M0 80V-10")
    case .rose:
      ring(of: 5) { _ in path("M0-16C34-30 40-66 0-78C-40-66-34-30 0-16Z", fill: colour) }
        + ring(of: 5, turned: 36) { _ in
          path("M0-8C20-16 24-40 0-48C-24-40-20-16 0-8Z", fill: colour)
        }
        + path("M-8 2C-6-12 12-10 9 2S-14 10-12-4")
        + path(
          "M60 40C84 34 92 56 74 72C58 66 54 54 60 40ZM-60 40C-84 34-92 56-74 72C-58 66-54 54-60 40Z",
          fill: "#3f6b3a")
    case .wave:
      path("M-92 60C-60-60 30-96 66-40C80-14 50 4 36-12C48-40-6-34-14 60Z", fill: colour)
        + path("M-92 60C-40 40-20 80 20 62S70 50 92 64M-70 84C-30 68 10 96 60 82")
        + ring(of: 3) { index in circle(50 + index * 6, -66, radius: 4) }
    case .eye:
      path("M-92 0C-50-56 50-56 92 0C50 56-50 56-92 0Z", fill: "#f4f0e6")
        + circle(0, 0, radius: 36, fill: colour) + circle(0, 0, radius: 15, fill: Self.ink)
        + ring(of: 9, turned: -40, over: 90) { _ in path("M0-62V-84") }
    }
  }

  private func path(_ data: String, fill: String? = nil, stroke: String? = nil) -> String {
    "<path d=\"\(data)\"\(attribute("fill", fill))\(attribute("stroke", stroke))/>"
  }

  private func circle(_ x: Int, _ y: Int, radius: Int, fill: String? = nil) -> String {
    "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"\(radius)\"\(attribute("fill", fill))/>"
  }

  private func attribute(_ name: String, _ value: String?) -> String {
    value.map { " \(name)=\"\($0)\"" } ?? ""
  }

  /// The same shape `count` times around the centre, spread over `degrees`.
  private func ring(
    of count: Int, turned: Int = 0, over degrees: Int = 360, _ shape: (Int) -> String
  ) -> String {
    (0..<count).map { index in
      "<g transform=\"rotate(\(turned + index * degrees / count))\">\(shape(index))</g>"
    }.joined()
  }
}
