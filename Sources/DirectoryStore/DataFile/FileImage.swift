package import DurableStore
import Files
import JSON

/// What is known about the bytes of the data file without holding them: where there is room for the
/// next items of its lists, and its checksum.
///
/// With it a commit writes only what is new instead of the whole file, and brings a file that is some
/// commits behind up to date with the bytes of those commits.
package struct FileImage: Sendable {
  /// Spaces in front of a list's items; its next item ends where they end.
  struct Room: Sendable, Equatable {
    let start: Int
    /// Where the spaces ended when the file was laid out.
    let limit: Int
    let wasListEmpty: Bool
    var end: Int
    /// The end of the spaces that the checksum accounts for.
    var checkedEnd: Int

    var isListEmpty: Bool { wasListEmpty && end == limit }

    /// The same room, once the checksum accounts for everything in it.
    var checked: Room {
      var room = self
      room.checkedEnd = end
      return room
    }
  }

  /// Bytes at an offset of the file.
  struct Part: Sendable, Equatable {
    let offset: Int
    let bytes: [UInt8]

    var endOffset: Int { offset + bytes.count }
  }

  /// How many of the latest parts are remembered at least.
  private static let minRecentCount = 512

  /// The generation at which the file was laid out.
  let layoutGeneration: Int
  /// The members of `meta` after the checksum, as they are written.
  private let metaTail: [UInt8]
  let headerBytes: Int
  let fileBytes: Int
  private(set) var rooms: [String: Room]
  /// The check value of everything after the header, without what was inserted beyond the
  /// `checkedEnd` of each room: many insertions are added to it at once.
  private var checkedChecksum: UInt32
  /// What the last transactions put into the rooms, the latest last.
  private var recent = RecentParts()

  // MARK: Laying out

  /// Lays out a version again, in a file of at most `maxBytes` if it fits.
  static func layingOut(
    _ version: Version<some DurableState>, notLongerThan maxBytes: Int
  ) -> (image: FileImage, text: [UInt8]) {
    let usual = layingOut(version)
    guard usual.text.count > maxBytes else { return usual }
    // Nothing in between is tried: without rooms it fits if it can fit at all.
    let bare = layingOut(version, hasRooms: false)
    return bare.text.count < usual.text.count ? bare : usual
  }

  /// Lays out a version again, with room for future items.
  package static func layingOut(
    _ version: Version<some DurableState>
  ) -> (image: FileImage, text: [UInt8]) {
    let (image, text) = layingOut(version, hasRooms: true)
    // There can be no rooms if the first line has no space to record them.
    return image.headerBytes <= DataFile.maxHeaderBytes
      ? (image, text) : layingOut(version, hasRooms: false)
  }

  private static func layingOut(
    _ version: Version<some DurableState>, hasRooms: Bool
  ) -> (image: FileImage, text: [UInt8]) {
    var layout = Layout(generation: version.generation)
    var members: [UInt8] = []
    version.state.appendMembers(to: &members) { place in
      guard hasRooms else { return 0 }
      let count = roomBytes(for: place)
      layout.rooms[place.list] = Layout.Room(
        offset: place.offset, count: count, isListEmpty: place.itemBytes == 0)
      return count
    }
    members += closing
    let tail = metaTail(layout, version.foreignMeta)
    // The header at its greatest length: a generation has at most 16 digits.
    let longest = header(
      generation: DataFile.generations.upperBound, checksum: 0, tail, length: 0)
    let image = FileImage(
      layout, metaTail: tail, headerBytes: longest.count,
      fileBytes: longest.count + members.count, membersChecksum: Checksum(of: members[...]).value)
    return (image, image.header(version.generation) + members)
  }

  /// Returns the whole text of a version in this layout.
  func text(of version: Version<some DurableState>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(fileBytes + 64)
    text += header(version.generation)
    version.state.appendMembers(to: &text) { place in
      rooms[place.list].map { $0.end - $0.start } ?? 0
    }
    text += Self.closing
    return text
  }

  /// Makes the image of a file, as of the generation at which it was laid out, from its header.
  ///
  /// The caller inserts what its rooms have received since, and then adopts its checksum.
  /// - Returns: `nil` for a file that has no layout.
  init?(layoutOf header: DataFile.Header, fileBytes: Int) {
    guard let layout = Layout(header.meta["layout"]) else { return nil }
    self.init(
      layout, metaTail: Self.metaTail(header.meta), headerBytes: header.length,
      fileBytes: fileBytes, membersChecksum: 0)
    adoptChecksum(header)
  }

  /// Makes the image of a file whose text is known and whose checksum is right.
  init?(of text: [UInt8], _ header: DataFile.Header) {
    self.init(layoutOf: header, fileBytes: text.count)
    for (list, room) in rooms {
      guard text.indices.contains(room.start), text.indices.contains(room.limit),
        let end = text[room.start..<room.limit + 1].firstIndex(where: { $0 != 0x20 })
      else { return nil }
      rooms[list]?.end = end
      rooms[list]?.checkedEnd = end
      // Bringing an older file up to this one takes its newest items.
      let newest = text[end..<min(room.limit, end + 262_144)]
      if !newest.isEmpty { recent.append(Part(offset: end, bytes: Array(newest))) }
    }
    guard self.header(header.generation).elementsEqual(text[..<header.length]) else { return nil }
  }

  private init(
    _ layout: Layout, metaTail: [UInt8], headerBytes: Int, fileBytes: Int, membersChecksum: UInt32
  ) {
    layoutGeneration = layout.generation
    self.metaTail = metaTail
    self.headerBytes = headerBytes
    self.fileBytes = fileBytes
    checkedChecksum = membersChecksum
    rooms = layout.rooms.mapValues { room in
      let start = headerBytes + room.offset
      return Room(
        start: start, limit: start + room.count, wasListEmpty: room.isListEmpty,
        end: start + room.count, checkedEnd: start + room.count)
    }
  }

  private static let closing: [UInt8] = [UInt8(ascii: "}"), 0x0A]

  /// Returns as many bytes as a list's items have, but fewer for long lists: the whole file is read when the
  /// store is opened, and written once for each backup when a room is used up.
  private static func roomBytes(for place: ListPlace) -> Int {
    let usual = min(place.itemBytes, 1_048_576 + place.itemBytes / 8)
    return 8192 + max(usual, min(place.expectedBytes, 1_048_576))
  }

  // MARK: The header

  /// The first line of the file at a generation.
  func header(_ generation: Int) -> [UInt8] { header(generation, membersChecksum) }

  private func header(_ generation: Int, _ membersChecksum: UInt32) -> [UInt8] {
    Self.header(
      generation: generation, checksum: prefixChecksum(generation) ^ membersChecksum, metaTail,
      length: headerBytes)
  }

  /// Returns the generation's part of the checksum, to be combined with that of the members.
  private func prefixChecksum(_ generation: Int) -> UInt32 {
    Checksum.value(
      of: Checksum(of: Array("\(generation)\n".utf8)[...]).value, followedBy: 0,
      byteCount: fileBytes - headerBytes)
  }

  /// Adopts the members' checksum from a header.
  mutating func adoptChecksum(_ header: DataFile.Header) {
    let checksum = UInt32(header.checksum, radix: 16) ?? 0
    checkedChecksum = checksum ^ prefixChecksum(header.generation)
    rooms = rooms.mapValues(\.checked)
  }

  private var membersChecksum: UInt32 {
    rooms.values.reduce(checkedChecksum) { checksum, room in
      guard room.end < room.checkedEnd,
        let part = recent.written(from: room.end, to: room.checkedEnd)
      else { return checksum }
      return checksum ^ change(by: part)
    }
  }

  /// Adds all insertions to the checksum, so that they need not be added again each time.
  mutating func addUp() {
    checkedChecksum = membersChecksum
    rooms = rooms.mapValues(\.checked)
  }

  private static func header(
    generation: Int, checksum: UInt32, _ tail: [UInt8], length: Int
  ) -> [UInt8] {
    let checksum = Surroundings.hex8(checksum)
    var text = Array(
      #"{"meta":{"format":\#(DataFile.format),"generation":\#(generation),"checksum":"\#(checksum)""#
        .utf8)
    text += tail
    text += repeatElement(0x20, count: max(0, length - text.count - 2))
    return text + [UInt8(ascii: ","), 0x0A]
  }

  private static func metaTail(_ layout: Layout, _ foreignMeta: JSONObject) -> [UInt8] {
    var meta = JSONObject()
    meta["layout"] = layout.json
    for member in foreignMeta.members { meta[member.name] = member.value }
    return metaTail(meta)
  }

  private static func metaTail(_ meta: JSONObject) -> [UInt8] {
    let own = ["format", "generation", "checksum"]
    let others = JSONObject(meta.members.filter { !own.contains($0.name) })
    // The comma replaces the object's opening brace; its closing brace closes `meta`.
    return [UInt8(ascii: ",")] + JSONValue.object(others).serialized.dropFirst()
  }

  // MARK: Transactions

  /// Inserts an item.
  ///
  /// - Returns: Whether there was room for it; if not, the file has to be laid out again.
  mutating func insert(_ insertion: Insertion) -> Bool {
    guard let room = rooms[insertion.list] else { return false }
    var bytes = Array(insertion.item)
    if !room.isListEmpty { bytes += [UInt8(ascii: ","), 0x0A] }
    guard bytes.count <= room.end - room.start, !bytes.isEmpty else { return false }
    let part = Part(offset: room.end - bytes.count, bytes: bytes)
    rooms[insertion.list]?.end = part.offset
    recent.append(part)
    if recent.count > 2 * Self.minRecentCount {
      addUp()
      recent.keepLatest(Self.minRecentCount)
    }
    return true
  }

  /// Returns what a file lacks if its rooms end elsewhere; `nil` if that is not known.
  ///
  /// - Parameter formerEnds: Where the spaces of each room end in that file.
  /// - Returns: The parts, at most one for each room.
  func parts(since formerEnds: [String: Int]) -> [Part]? {
    var parts: [Part] = []
    for (list, room) in rooms {
      guard let formerEnd = formerEnds[list] else { return nil }
      guard formerEnd > room.end else { continue }
      guard let part = recent.written(from: room.end, to: formerEnd) else { return nil }
      parts.append(part)
    }
    return parts
  }

  /// Returns the header of a file that lacks some parts.
  func header(_ generation: Int, without parts: [Part]) -> [UInt8] {
    header(generation, parts.reduce(membersChecksum) { $0 ^ change(by: $1) })
  }

  /// Returns by what the members' checksum changes when spaces become a part, or a part becomes spaces.
  private func change(by part: Part) -> UInt32 {
    Checksum.change(
      by: part.bytes.map { $0 ^ 0x20 }, followingBytes: fileBytes - part.endOffset)
  }
}
