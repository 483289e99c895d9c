import Photos

/// A ZIP of files as they are: photos are compressed already (APPNOTE 6.3.10).
///
/// It may be longer than 4 GB (section 4.3.14, Zip64); a file in it may not.
struct ZIPArchive {
  private static let (utf8Names, version): (Int, Int) = (0x0800, 45)
  private static let maxSmall = 0xFFFF_FFFF

  private let write: ([UInt8]) throws -> Void
  private var directory: [UInt8] = []
  private var offset = 0
  private var count = 0

  /// Begins an archive.
  ///
  /// - Parameter write: Takes its bytes, in order.
  init(writingTo write: @escaping ([UInt8]) throws -> Void) {
    self.write = write
  }

  /// Adds a file.
  ///
  /// - Parameters:
  ///   - name: Its path in the archive.
  ///   - content: Its bytes.
  ///   - milliseconds: When it was made, since 1970 UTC.
  /// - Throws: What writing throws.
  mutating func add(_ name: String, _ content: [UInt8], at milliseconds: Int) throws {
    var code = CyclicRedundancyCheck()
    code.update(content)
    let path = Array(name.utf8)
    let common =
      little(Self.version, 2) + little(Self.utf8Names, 2) + little(0, 2)
      + Self.time(milliseconds) + little(Int(code.value), 4) + little(content.count, 4)
      + little(content.count, 4) + little(path.count, 2)
    let start = offset
    try append(little(0x0403_4B50, 4) + common + little(0, 2) + path + content)
    // Where the file begins, in 64 bits (section 4.5.3).
    directory += little(0x0201_4B50, 4) + little(Self.version, 2) + common + little(12, 2)
    directory += little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4)
    directory += little(Self.maxSmall, 4) + path
    directory += little(1, 2) + little(8, 2) + little(start, 8)
    count += 1
  }

  /// Ends the archive with its directory (sections 4.3.14 to 4.3.16).
  ///
  /// - Throws: What writing throws.
  mutating func finish() throws {
    let (start, length) = (offset, directory.count)
    try append(directory)
    let end = offset
    try append(
      little(0x0606_4B50, 4) + little(44, 8) + little(Self.version, 2) + little(Self.version, 2)
        + little(0, 4) + little(0, 4) + little(count, 8) + little(count, 8) + little(length, 8)
        + little(start, 8) + little(0x0706_4B50, 4) + little(0, 4) + little(end, 8) + little(1, 4)
        + little(0x0605_4B50, 4) + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2)
        + little(Self.maxSmall, 4) + little(Self.maxSmall, 4) + little(0, 2))
  }

  private mutating func append(_ bytes: [UInt8]) throws {
    try write(bytes)
    offset += bytes.count
  }

  /// A time in DOS format (section 4.4.6), here in UTC, to two seconds.
  private static func time(_ milliseconds: Int) -> [UInt8] {
    let seconds = milliseconds / 1000
    let (day, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
    let date = Self.date(ofDay: day)
    let clock = (rest / 3600) << 11 | (rest / 60 % 60) << 5 | (rest % 60 / 2)
    return little(clock, 2)
      + little(max(0, date.year - 1980) << 9 | date.month << 5 | date.day, 2)
  }

  /// The Gregorian date of a day since 1970-01-01; the calculation begins years in March, so that a
  /// leap day is the last day of its year.
  private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    return (
      yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
      dayOfYear - (153 * month + 2) / 5 + 1
    )
  }
}

/// A number in little-endian byte order.
private func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
