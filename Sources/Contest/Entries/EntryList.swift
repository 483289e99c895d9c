import Synchronization

/// The entries of one category, newest first.
///
/// Copies share their full chunks, so prepending an entry costs the same however long the list is.
public struct EntryList: RandomAccessCollection, Sendable, Equatable {
  /// A full, immutable run of entries.
  private final class Chunk: Sendable {
    static let capacity = 128

    /// The oldest first.
    let entries: [Entry]
    private let feed = Mutex<[UInt8]?>(nil)

    init(_ entries: [Entry]) {
      self.entries = entries
    }

    /// The entries' feed text, newest first, separated by commas; made on first use and cached.
    var feedText: [UInt8] {
      feed.withLock { feed in
        if let feed { return feed }
        let text = Feed.text(of: entries.reversed())
        feed = text
        return text
      }
    }
  }

  private var chunks: [Chunk] = []
  /// The entries newer than the last chunk, oldest first.
  private var recent: [Entry] = []

  /// Makes a list of entries, the newest first.
  init(_ entries: some BidirectionalCollection<Entry> = []) {
    for entry in entries.reversed() { prepend(entry) }
  }

  /// The first position: that of the newest entry.
  public var startIndex: Int { 0 }
  /// The position behind the oldest entry.
  public var endIndex: Int { chunks.count * Chunk.capacity + recent.count }

  /// The entry at a position, from 0, the newest first.
  public subscript(position: Int) -> Entry { self[age: endIndex - 1 - position] }

  /// The entry that has `age` older entries; unlike its position, its age does not change on `prepend`.
  subscript(age age: Int) -> Entry {
    let (chunk, offset) = age.quotientAndRemainder(dividingBy: Chunk.capacity)
    return chunk < chunks.count ? chunks[chunk].entries[offset] : recent[offset]
  }

  /// Puts an entry in front of all others.
  mutating func prepend(_ entry: Entry) {
    recent.append(entry)
    guard recent.count == Chunk.capacity else { return }
    chunks.append(Chunk(recent))
    recent = []
  }

  /// Replaces the entry at a position.
  mutating func replace(at position: Int, with entry: Entry) {
    let (chunk, offset) = (endIndex - 1 - position).quotientAndRemainder(
      dividingBy: Chunk.capacity)
    guard chunk < chunks.count else {
      recent[offset] = entry
      return
    }
    var entries = chunks[chunk].entries
    entries[offset] = entry
    chunks[chunk] = Chunk(entries)
  }

  /// Appends the entries' feed text, newest first, separated by commas.
  func appendFeedText(to text: inout [UInt8]) {
    let newest = Feed.text(of: recent.reversed())
    var isFirst = newest.isEmpty
    text += newest
    for chunk in chunks.reversed() {
      let feedText = chunk.feedText
      // Entries that are not public add nothing to the feed.
      if feedText.isEmpty { continue }
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      text += feedText
    }
  }

  /// Whether both hold equal entries in the same order.
  public static func == (one: EntryList, other: EntryList) -> Bool { one.elementsEqual(other) }
}
