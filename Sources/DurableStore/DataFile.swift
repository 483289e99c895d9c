import JSON

/// The text of `data.json` and of the backups: one JSON object whose first line is `meta`.
///
/// ```
/// {"meta":{"format":1,"generation":12,"checksum":"8f3a2b1c"},
/// "categories":[…],
/// …}
/// ```
/// The checksum is the CRC-32C of the generation's digits, a line feed and all that follows the
/// first line.
enum DataFile {
  static let format = 1
  /// What JSON's readers can represent exactly (RFC 8259, section 6).
  static let generations = 0...(1 << 53)

  /// What a file turned out to be.
  enum Reading<State: DurableState> {
    /// As the store wrote it.
    case intact(Version<State>)
    /// Valid, but not as the store wrote it; a file without `meta` has no generation.
    case edited(Version<State>, generation: Int?)
    case damaged(String)
    /// Written by a later version of the program: neither damaged nor readable.
    case newerFormat
  }

  /// The first line of a file in canonical form whose checksum is right.
  struct Header {
    let generation: Int
    let foreignMeta: JSONObject
    let members: ArraySlice<UInt8>
  }

  static func text(of version: Version<some DurableState>) -> [UInt8] {
    var members = version.state.serializedMembers
    members += [UInt8(ascii: "}"), 0x0A]
    var meta = JSONObject()
    meta["format"] = .int(format)
    meta["generation"] = .int(version.generation)
    meta["checksum"] = .string(checksum(version.generation, members[...]))
    for member in version.foreignMeta.members { meta[member.name] = member.value }
    var text = Array("{\"meta\":".utf8)
    JSONValue.object(meta).append(to: &text)
    text += Array(",\n".utf8)
    return text + members
  }

  /// Understands a file's text.
  static func reading<State>(_ text: [UInt8]) -> Reading<State> {
    do {
      if let header = header(of: text) {
        let object = try object([UInt8(ascii: "{")] + header.members)
        return .intact(
          Version(
            generation: header.generation, state: try State(members: object),
            foreignMeta: header.foreignMeta))
      }
      let whole = try object(text)
      let meta = whole["meta"]?.object
      guard (meta?["format"]?.int ?? format) <= format else { return .newerFormat }
      let (state, foreignMeta): (State, JSONObject) = try parts(of: whole)
      let generation = meta?["generation"]?.int
      guard generations.contains(generation ?? 0) else { return .damaged("an absurd generation") }
      return .edited(
        Version(generation: generation ?? 0, state: state, foreignMeta: foreignMeta),
        generation: generation)
    } catch {
      return .damaged("\(error)")
    }
  }

  /// The header, if the file is in canonical form and its checksum is right.
  static func header(of text: [UInt8]) -> Header? {
    guard let end = text.prefix(65_536).firstIndex(of: 0x0A), end > 1,
      text[end - 1] == UInt8(ascii: ","),
      let meta = try? JSONValue(parsing: text[..<(end - 1)] + [UInt8(ascii: "}")]).object?["meta"]?
        .object,
      meta["format"]?.int == format, let generation = meta["generation"]?.int,
      generations.contains(generation)
    else { return nil }
    let members = text[(end + 1)...]
    guard meta["checksum"]?.string == checksum(generation, members) else { return nil }
    return Header(generation: generation, foreignMeta: foreign(meta), members: members)
  }

  /// The state and the other programs' members of `meta` in a file's object.
  static func parts<State: DurableState>(
    of object: JSONObject
  ) throws -> (state: State, foreignMeta: JSONObject) {
    var members = object
    members["meta"] = nil
    return (try State(members: members), foreign(object["meta"]?.object ?? JSONObject()))
  }

  private static func object(_ text: [UInt8]) throws -> JSONObject {
    guard let object = try JSONValue(parsing: text).object else {
      throw Rejection(code: "not_an_object", reason: "not a JSON object")
    }
    return object
  }

  private static func foreign(_ meta: JSONObject) -> JSONObject {
    JSONObject(meta.members.filter { !["format", "generation", "checksum"].contains($0.name) })
  }

  private static func checksum(_ generation: Int, _ members: ArraySlice<UInt8>) -> String {
    var checksum = Checksum(of: Array("\(generation)\n".utf8)[...])
    checksum.update(members)
    return checksum.text
  }
}
