import Files

/// A new state that is written and verified, but not yet visible.
struct StagedState {
  let spare: Spare
  /// The status of the file that must have the data file's name after the replacement.
  let status: FileStatus
}
