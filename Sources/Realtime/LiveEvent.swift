/// An event that is sent to all live clients, or to administrators' ones only.
public struct LiveEvent: Sendable, Equatable {
  /// The sequence number of its transaction; later events have higher ones.
  public let sequence: Int
  /// The name, such as `newSubmission`.
  public let name: String
  /// The data, as compact JSON.
  public let data: [UInt8]

  /// Whether only administrators get it.
  public let isForDesk: Bool
  /// Whether earlier events tell what nobody may be told any more: nobody gets them from then on.
  public let hidesEarlier: Bool

  /// Makes an event.
  public init(
    sequence: Int, name: String, data: [UInt8], isForDesk: Bool = false, hidesEarlier: Bool = false
  ) {
    self.sequence = sequence
    self.hidesEarlier = hidesEarlier
    self.isForDesk = isForDesk
    self.name = name
    self.data = data
  }
}
