public import JSON

/// What a store keeps: a value that transactions change by its own rules.
///
/// Applying the same transactions in the same order to equal states must give equal states: that is
/// how recovery rebuilds what was lost.
public protocol DurableState: Sendable {
  /// The state of a new store.
  static var initial: Self { get }

  /// Reads the members of the data file other than `meta`.
  ///
  /// - Throws: An error that says why the file counts as damaged.
  init(members: JSONObject) throws

  /// Reads what `appendMembers` wrote, faster than by parsing; `nil` if the state has no such way.
  ///
  /// - Parameter text: The text; its checksum has been verified.
  init?(written text: ArraySlice<UInt8>)

  /// Appends the members of the data file other than `meta`, in canonical form: the inner text of a
  /// JSON object, without its braces, in lines.
  ///
  /// - Parameters:
  ///   - text: What the members are appended to.
  ///   - room: Returns how many spaces to write at a place. It is called once for each list that
  ///     transactions insert into, in the order of the text.
  func appendMembers(to text: inout [UInt8], room: (ListPlace) -> Int)

  /// Adjusts a transaction to its place in the commit order, which only the leader knows.
  ///
  /// The result is what is applied and logged. A replay of the log does not call this again.
  func settled(_ transaction: Transaction) -> Transaction

  /// Applies a transaction, or finds that an earlier one has made the same change.
  ///
  /// - Throws: `Rejection` when the rules refuse it; the state is then unchanged.
  mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect

  /// The names of the files below `public/` that a web server may hand out as they are.
  static var publicFileNames: [String] { get }

  /// Returns the content of a public file.
  func publicFile(_ name: String) -> [UInt8]

  /// Returns the name prefix of the backups made before an operation.
  static func backupPrefix(of operation: String) -> String

  /// Returns whether an operation serves to free space: on a full disk it may use the reserve.
  static func freesSpace(_ operation: String) -> Bool
}

/// The place in the members' text where the items of a list begin: the beginning of a line.
public struct ListPlace: Sendable {
  /// The list's name.
  public let list: String
  /// The length of the list's items, in bytes.
  public let itemBytes: Int
  /// The offset from the beginning of the members, in bytes.
  public let offset: Int
  /// How many bytes are expected to be inserted soon, if the state knows.
  public let expectedBytes: Int

  /// Makes a place.
  public init(list: String, itemBytes: Int, offset: Int, expectedBytes: Int = 0) {
    self.list = list
    self.itemBytes = itemBytes
    self.offset = offset
    self.expectedBytes = expectedBytes
  }
}

/// A change that inserts one item at the front of a list and leaves the rest of the text as it is.
public struct Insertion: Sendable, Equatable {
  /// The list's name, as in `ListPlace`.
  public let list: String
  /// The item's text: one line, without comma and line feed.
  public let item: ArraySlice<UInt8>
  /// The files below `public/` that this changes.
  public let publicFileNames: [String]

  /// Makes an insertion.
  public init(list: String, item: ArraySlice<UInt8>, publicFileNames: [String]) {
    self.list = list
    self.item = item
    self.publicFileNames = publicFileNames
  }
}

/// What applying a transaction did.
public enum Effect: Sendable, Equatable {
  /// Anything may have changed.
  case applied
  /// Only one item was inserted, at the front of a list.
  case inserted(Insertion)
  /// An earlier transaction, with this identifier, made the same change.
  case alreadyApplied(transactionID: String)
}

extension DurableState {
  /// Returns `nil`: there is no faster way.
  public init?(written text: ArraySlice<UInt8>) { nil }

  /// Returns the transaction unchanged.
  public func settled(_ transaction: Transaction) -> Transaction { transaction }

  /// Returns `false`: no operation frees space.
  public static func freesSpace(_ operation: String) -> Bool { false }

  /// `pre-write`.
  public static func backupPrefix(of operation: String) -> String { "pre-write" }

  /// None.
  public static var publicFileNames: [String] { [] }

  /// Empty.
  public func publicFile(_ name: String) -> [UInt8] { [] }
}
