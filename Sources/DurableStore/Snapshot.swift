/// A state as it was at one generation.
public struct Snapshot<State: DurableState>: Sendable {
  /// How many completed transactions the state includes.
  public let generation: Int
  /// The state.
  public let state: State

  package init(generation: Int, state: State) {
    self.generation = generation
    self.state = state
  }
}
