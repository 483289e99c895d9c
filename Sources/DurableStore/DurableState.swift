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

  /// The members of the data file other than `meta`, in canonical form: the inner text of a JSON
  /// object, without its braces, in lines.
  var serializedMembers: [UInt8] { get }

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
}

/// What applying a transaction did.
public enum Effect: Sendable, Equatable {
  case applied
  /// An earlier transaction, by its identifier, did the same.
  case alreadyApplied(transactionID: String)
}

extension DurableState {
  /// `pre-write`.
  public static func backupPrefix(of operation: String) -> String { "pre-write" }

  /// None.
  public static var publicFileNames: [String] { [] }

  /// Empty.
  public func publicFile(_ name: String) -> [UInt8] { [] }
}
