import Synchronization

/// A list that grows at its front: the newest element first.
///
/// Copies share their full chunks, so prepending an element costs the same however long the list is.
public struct NewestFirst<Element: Sendable & Equatable>: RandomAccessCollection, Sendable,
  Equatable
{
  /// A full, immutable run of elements.
  private final class Chunk: Sendable {
    /// The oldest first.
    let elements: [Element]
    private let text = Mutex<[UInt8]?>(nil)

    init(_ elements: [Element]) {
      self.elements = elements
    }

    /// A text of the elements, newest first; made on first use and cached.
    func text(_ make: (ReversedCollection<[Element]>) -> [UInt8]) -> [UInt8] {
      text.withLock { text in
        if let text { return text }
        let made = make(elements.reversed())
        text = made
        return made
      }
    }
  }

  private static var chunkCapacity: Int { 128 }

  private var chunks: [Chunk] = []
  /// The elements newer than the last chunk, oldest first.
  private var recent: [Element] = []

  /// Makes an empty list.
  init() {}

  /// Makes a list of elements, the newest first.
  init(_ elements: some BidirectionalCollection<Element>) {
    for element in elements.reversed() { prepend(element) }
  }

  /// The first position: that of the newest element.
  public var startIndex: Int { 0 }
  /// The position behind the oldest element.
  public var endIndex: Int { chunks.count * Self.chunkCapacity + recent.count }

  /// The element at a position, from 0, the newest first.
  public subscript(position: Int) -> Element { self[age: endIndex - 1 - position] }

  /// The element that has `age` older ones; unlike its position, its age does not change on `prepend`.
  subscript(age age: Int) -> Element {
    let (chunk, offset) = age.quotientAndRemainder(dividingBy: Self.chunkCapacity)
    return chunk < chunks.count ? chunks[chunk].elements[offset] : recent[offset]
  }

  /// Puts an element in front of all others.
  mutating func prepend(_ element: Element) {
    recent.append(element)
    guard recent.count == Self.chunkCapacity else { return }
    chunks.append(Chunk(recent))
    recent = []
  }

  /// Replaces the element at a position.
  mutating func replace(at position: Int, with element: Element) {
    let (chunk, offset) = (endIndex - 1 - position).quotientAndRemainder(
      dividingBy: Self.chunkCapacity)
    guard chunk < chunks.count else {
      recent[offset] = element
      return
    }
    var elements = chunks[chunk].elements
    elements[offset] = element
    chunks[chunk] = Chunk(elements)
  }

  /// Appends what a function makes of the elements, newest first, separated by commas.
  ///
  /// - Parameters:
  ///   - text: The text to append to.
  ///   - make: Makes the text of a run of elements; always the same function for one list.
  func append(to text: inout [UInt8], _ make: (ReversedCollection<[Element]>) -> [UInt8]) {
    let newest = make(recent.reversed())
    var isFirst = newest.isEmpty
    text += newest
    for chunk in chunks.reversed() {
      let run = chunk.text(make)
      // Elements that are left out add nothing.
      if run.isEmpty { continue }
      if !isFirst { text.append(UInt8(ascii: ",")) }
      isFirst = false
      text += run
    }
  }

  /// Whether both hold equal elements in the same order.
  public static func == (one: Self, other: Self) -> Bool { one.elementsEqual(other) }
}

/// The entries of one category, newest first.
public typealias EntryList = NewestFirst<Entry>

extension NewestFirst<Entry> {
  /// Appends the entries' feed text, newest first, separated by commas.
  func appendFeedText(to text: inout [UInt8]) { append(to: &text) { Feed.text(of: $0) } }
}
