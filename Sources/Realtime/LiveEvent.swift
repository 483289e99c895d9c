/// An event that is sent to all live clients.
public struct LiveEvent: Sendable, Equatable {
  /// The number of the transaction that it is about; what follows it has a higher one.
  public let sequence: Int
  /// Such as `newSubmission`.
  public let name: String
  /// What it says: compact JSON.
  public let data: [UInt8]

  /// Makes an event.
  public init(sequence: Int, name: String, data: [UInt8]) {
    self.sequence = sequence
    self.name = name
    self.data = data
  }
}
