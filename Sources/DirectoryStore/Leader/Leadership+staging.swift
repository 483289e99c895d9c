import DurableStore
import Files
import Glibc
import SystemPackage

extension Leadership {
  /// The assumed length of an item when looking for the end of those that a file lacks.
  private static var typicalItemBytes: Int { 512 }

  /// Writes a version under `.temp/`, reads back what was written and compares it.
  ///
  /// A file that holds an earlier generation gets only the bytes it lacks.
  /// - Parameters:
  ///   - version: The version; it is laid out again if necessary.
  ///   - freesSpace: Whether to keep the file from growing, if possible.
  /// - Returns: The staged state, which is to replace the data file.
  /// - Throws: `TransactionError`; the staged file is then removed.
  mutating func stage(
    _ version: inout Version<State>, freesSpace: Bool = false
  ) throws(TransactionError) -> StagedState {
    var laidOut: [UInt8]?
    if version.image == nil {
      let former = cache.current?.status.size ?? 0
      let (image, text) =
        freesSpace
        ? FileImage.layingOut(version, notLongerThan: former) : FileImage.layingOut(version)
      (version.image, laidOut) = (image, text)
    }
    version.image?.addUp()
    let spare = try attempting(.writeTemporary, on: directory.temporary) { () throws(Errno) in
      try Spare.take(from: &backups, context)
    }
    if let image = version.image { recentEnds.add(image, version.generation) }
    do throws(TransactionError) {
      if laidOut == nil, let staged = try patch(spare, to: version) { return staged }
      return try write(laidOut ?? version.image?.text(of: version) ?? [], of: version, to: spare)
    } catch {
      discard(spare)
      throw error
    }
  }

  private func write(
    _ text: [UInt8], of version: Version<State>, to spare: Spare
  ) throws(TransactionError) -> StagedState {
    let whole = FileImage.Part(offset: 0, bytes: text)
    try write([whole], length: text.count, version.generation, to: spare)
    let status = try attempting(.verifyTemporary, on: spare.path) { () throws(Errno) in
      if let file = spare.file { return try system.status(file) }
      return try system.status(at: spare.path)
    }
    return StagedState(spare: spare, status: status)
  }

  /// Brings a file of an earlier generation up to a version.
  ///
  /// - Returns: `nil` if the spare cannot be proven to hold that generation.
  private func patch(
    _ spare: Spare, to version: Version<State>
  ) throws(TransactionError) -> StagedState? {
    guard let image = version.image, let file = spare.file, let (status, generation) = spare.former,
      status.size == image.fileBytes,
      // Any other writer changes a file's time.
      GenerationStamp(of: status) == GenerationStamp(generation)
    else { return nil }
    let header = FileImage.Part(offset: 0, bytes: image.header(version.generation))
    let missing = try attempting(.writeTemporary, on: spare.path) { () throws(Errno) in
      guard
        let missing = image.parts(
          since: try ends(of: image, at: generation, in: file, before: version.generation)),
        // The checksum in the header proves that the rest is as it should be.
        try system.file(file, holds: image.header(generation, without: missing), at: 0)
      else { return [FileImage.Part]?.none }
      return missing
    }
    guard let missing else { return nil }
    try write(missing + [header], length: nil, version.generation, to: spare)
    return StagedState(spare: spare, status: status)
  }

  /// Returns where the spaces of each room end in a file with the same rooms, of an earlier generation.
  private func ends(
    of image: FileImage, at generation: Int, in file: OpenFile, before next: Int
  ) throws(Errno) -> [String: Int] {
    if let ends = recentEnds.ends(of: image, generation) { return ends }
    return try ends(of: image.rooms, in: file, behindBy: next - generation)
  }

  /// Reads where the spaces of each room end in a file with the same rooms, some generations behind.
  private func ends(
    of rooms: [String: FileImage.Room], in file: OpenFile, behindBy generations: Int
  ) throws(Errno) -> [String: Int] {
    var ends: [String: Int] = [:]
    for (list, room) in rooms {
      var (position, window) = (room.end, max(256, generations * Self.typicalItemBytes))
      while position < room.limit {
        let text = try system.read(file, at: position, count: min(window, room.limit - position))
        let spaces = text.prefix { $0 == 0x20 }.count
        position += spaces
        if spaces < text.count || text.isEmpty { break }
        window *= 2
      }
      ends[list] = position
    }
    return ends
  }

  private func write(
    _ parts: [FileImage.Part], length: Int?, _ generation: Int, to spare: Spare
  ) throws(TransactionError) {
    guard let file = spare.file else { preconditionFailure("a spare is open until the exchange") }
    try attempting(.writeTemporary, on: spare.path) { () throws(Errno) in
      for part in parts { try system.write(part.bytes, to: file, at: part.offset) }
      if let length { try system.truncate(file, to: length) }
      try system.setModificationTime(
        of: file, seconds: surroundings.nowMilliseconds() / 1000,
        nanoseconds: GenerationStamp(generation).nanoseconds)
    }
    let isEqual = try attempting(.verifyTemporary, on: spare.path) { () throws(Errno) in
      for part in parts where !(try system.file(file, holds: part.bytes, at: part.offset)) {
        return false
      }
      guard let length else { return true }
      return try system.status(file).size == length
    }
    guard isEqual else { throw Self.difference(.verifyTemporary, spare.path) }
  }

  static func difference(_ step: TransactionError.Step, _ path: String) -> TransactionError {
    TransactionError(
      step: step, object: path, cause: .damaged("what was read is not what was written"))
  }

  func discard(_ staged: StagedState) {
    discard(staged.spare)
  }

  private func discard(_ spare: Spare) {
    spare.close()
    do throws(Errno) {
      try system.unlink(spare.path)
    } catch {
      // The next recovery removes what is left.
      context.report(.failed("remove \(spare.path): \(error)"))
    }
  }
}
