/// How places are made of marks.
///
/// Judges differ in how high they mark and in how far apart. `headToHead` looks at neither. `mean` and
/// `trimmed` take out how high. None adds up marks: a judge who was recused would cost an entry points.
public enum Method: String, Sendable, CaseIterable {
  /// Each entry is compared with each other: the one that more judges have marked higher wins.
  ///
  /// Order is by comparisons won less comparisons lost (Copeland, A reasonable social welfare function,
  /// University of Michigan, 1951). Entries level in that are compared among themselves alone, by the same; then
  /// by the sum of margins; then by the mean of `JudgeOffset`; then by the criteria, in the order of the
  /// sheet.
  ///
  /// An entry that a majority of its judges prefers to each other one is first, whatever the rest mark. An
  /// entry that every judge marks lowest moves none of the others. One that some judges prefer to some
  /// others may change the order of those: no method without a dictator can exclude that (Arrow, Social
  /// Choice and Individual Values, 1951).
  case headToHead
  /// The mean of the judges' offsets, without the highest and the lowest where there are at least four.
  ///
  /// Another entry can change the order of the others where judges did not mark the same ones.
  case trimmed
  /// The mean of the judges' offsets; the same holds.
  case mean
}
