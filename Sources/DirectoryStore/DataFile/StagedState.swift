import Files

/// A new state, written and compared, that nobody sees yet.
struct StagedState {
  let spare: Spare
  /// The file that the name of the data file has to lead to when it has been replaced.
  let status: FileStatus
  /// What that has to begin with.
  let header: [UInt8]
}
