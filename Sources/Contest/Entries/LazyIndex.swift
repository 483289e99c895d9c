import Synchronization

/// An index that is built at most once, whichever copy of its owner asks first.
final class LazyIndex<Index: Sendable>: Sendable {
  private let index: Mutex<Index?>

  init(_ index: Index? = nil) {
    self.index = Mutex(index)
  }

  /// The index if it was built; `nil` otherwise.
  var known: Index? { index.withLock { $0 } }

  /// Returns the index, and builds it if nobody has.
  func made(_ make: () -> Index) -> Index {
    index.withLock { index in
      if let index { return index }
      let made = make()
      index = made
      return made
    }
  }
}
