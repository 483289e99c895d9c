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
  /// - Throws: A reason to take the file for damaged.
  init(members: JSONObject) throws

  /// Reads what `appendMembers` wrote, by a quicker way than parsing; `nil` if there is none.
  ///
  /// - Parameter text: The text, whose checksum is right.
  init?(written text: ArraySlice<UInt8>)

  /// Appends the members of the data file other than `meta`, in canonical form: the inner text of a
  /// JSON object, without its braces, in lines.
  ///
  /// - Parameters:
  ///   - text: What the members are appended to.
  ///   - room: How many spaces there are to be at a place; it is asked for each list that
  ///     transactions insert into, once, and in the order of the text.
  func appendMembers(to text: inout [UInt8], room: (ListPlace) -> Int)

  /// The transaction as it is at its place in the order of commits, which only its leader knows.
  ///
  /// It is what is applied and logged; it is not asked for again when the log is replayed.
  func settled(_ transaction: Transaction) -> Transaction

  /// Makes the change, or finds that an earlier transaction made it.
  ///
  /// - Throws: `Rejection` when the rules refuse it; the state is then as it was.
  mutating func apply(_ transaction: Transaction) throws(Rejection) -> Effect

  /// The names of the files below `public/` that a web server may hand out as they are.
  static var publicFileNames: [String] { get }

  /// The content of one of them.
  func publicFile(_ name: String) -> [UInt8]

  /// What the names of the backups made before an operation begin with.
  static func backupPrefix(of operation: String) -> String

  /// Whether an operation is there to make room: on a full disk it gets what was kept for that.
  static func freesSpace(_ operation: String) -> Bool
}

/// The place in the members' text where the items of a list begin: the beginning of a line.
public struct ListPlace: Sendable {
  /// The list's name.
  public let list: String
  /// How long its items are, in bytes.
  public let itemBytes: Int
  /// Where it is, in bytes from the beginning of the members.
  public let offset: Int

  /// Makes a place.
  public init(list: String, itemBytes: Int, offset: Int) {
    self.list = list
    self.itemBytes = itemBytes
    self.offset = offset
  }
}

/// A change that puts one item in front of a list, and leaves the rest of the text as it is.
public struct Insertion: Sendable, Equatable {
  /// The list's name, as in its place.
  public let list: String
  /// The item as the text has it: one line, without a comma and a line end.
  public let item: ArraySlice<UInt8>
  /// The files below `public/` that are other ones now.
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
  /// Anything may be different now.
  case applied
  /// Nothing is different but for an item that was put in front of a list.
  case inserted(Insertion)
  /// An earlier transaction, by its identifier, did the same.
  case alreadyApplied(transactionID: String)
}

extension DurableState {
  /// There is no quicker way.
  public init?(written text: ArraySlice<UInt8>) { nil }

  /// As it was asked for.
  public func settled(_ transaction: Transaction) -> Transaction { transaction }

  /// None does.
  public static func freesSpace(_ operation: String) -> Bool { false }

  /// `pre-write`.
  public static func backupPrefix(of operation: String) -> String { "pre-write" }

  /// None.
  public static var publicFileNames: [String] { [] }

  /// Empty.
  public func publicFile(_ name: String) -> [UInt8] { [] }
}
