package import DurableStore
import Files
import JSON
import SystemPackage

/// The text of `data.json` and of the backups: one JSON object whose first line is `meta`.
///
/// ```
/// {"meta":{"format":1,"generation":12,"checksum":"8f3a2b1c","layout":{"generation":9,"rooms":{}}}    ,
/// "categories":[…],
/// …}
/// ```
/// The checksum is the CRC-32C of the generation's digits, a line feed and all that follows the
/// first line.
package enum DataFile {
  static let format = 1
  /// The generations that any JSON parser can represent exactly (RFC 8259, section 6).
  static let generations = 0...(1 << 53)
  /// The first line is no longer than this.
  static let maxHeaderBytes = 65_536

  /// What a file turned out to be.
  package enum Reading<State: DurableState> {
    /// As the store wrote it.
    case intact(Version<State>)
    /// Valid, but not as the store wrote it; a file without `meta` has no generation.
    case edited(Version<State>, generation: Int?)
    case damaged(String)
    /// Written by a later version of the program: neither damaged nor readable.
    case newerFormat
  }

  /// The first line of a file in canonical form.
  struct Header {
    let generation: Int
    let checksum: String
    let meta: JSONObject
    /// The header's length in bytes, including the line feed.
    let length: Int

    /// Members of `meta` that another program put there.
    var foreignMeta: JSONObject { DataFile.foreign(meta) }
  }

  /// Parses a file's text.
  package static func reading<State>(_ text: [UInt8]) -> Reading<State> {
    do {
      if let header = header(of: text), isIntact(text, header) {
        return .intact(try version(text, header))
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

  /// Returns the header, if the text begins with a complete one in canonical form.
  static func header(of text: [UInt8]) -> Header? {
    guard let end = text.prefix(maxHeaderBytes).firstIndex(of: 0x0A), end > 1,
      text[end - 1] == UInt8(ascii: ","),
      let meta = try? JSONValue(parsing: text[..<(end - 1)] + [UInt8(ascii: "}")]).object?["meta"]?
        .object,
      meta["format"]?.int == format, let generation = meta["generation"]?.int,
      generations.contains(generation), let checksum = meta["checksum"]?.string
    else { return nil }
    return Header(generation: generation, checksum: checksum, meta: meta, length: end + 1)
  }

  /// Reads the header of a file, if it is complete and in canonical form.
  static func header(of file: OpenFile, _ system: SystemCalls) throws(Errno) -> Header? {
    var text = try system.read(file, count: 4096)
    if !text.contains(0x0A) { text = try system.read(file, count: maxHeaderBytes) }
    return header(of: text)
  }

  /// Reads the header of a file that only the store has written to; `nil` for any other.
  ///
  /// The modification time of such a file carries the stamp of its generation. Any other writer changes it.
  static func header(
    of file: OpenFile, _ status: FileStatus, _ system: SystemCalls
  ) throws(Errno) -> Header? {
    guard status.isRegular, let header = try header(of: file, system),
      GenerationStamp(header.generation) == GenerationStamp(of: status)
    else { return nil }
    return header
  }

  /// Returns whether the checksum of a text is right.
  private static func isIntact(_ text: [UInt8], _ header: Header) -> Bool {
    var checksum = Checksum(of: Array("\(header.generation)\n".utf8)[...])
    checksum.update(text[header.length...])
    return header.checksum == checksum.text
  }

  private static func version<State>(
    _ text: [UInt8], _ header: Header
  ) throws -> Version<State> {
    let members = text[header.length...]
    // Without its last line, which closes the object.
    let state =
      try State(written: members.dropLast(2))
      ?? State(members: try object([UInt8(ascii: "{")] + members))
    return Version(
      generation: header.generation, state: state, foreignMeta: header.foreignMeta,
      image: FileImage(of: text, header))
  }

  /// Splits a file's object into the state and the members of `meta` that other programs put there.
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
    let own = ["format", "generation", "checksum", "layout"]
    return JSONObject(meta.members.filter { !own.contains($0.name) })
  }
}
