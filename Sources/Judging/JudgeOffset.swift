/// By how much a judge marks an entry above or below what is usual for that judge.
///
/// What is usual is the judge's mean over a set of entries.
enum JudgeOffset {
  /// With fewer judges none is left out.
  static let minJudgesToTrim = 4

  /// Returns the means of a group's entries.
  ///
  /// - Parameters:
  ///   - group: The entries.
  ///   - panel: The marks.
  ///   - usual: The entries over which a judge's usual mark is taken.
  ///   - isTrimmed: Whether the highest and the lowest offset of an entry are left out.
  ///   - value: What the judge's marks of an entry are worth.
  /// - Returns: The means in points, in the order of the group; `nil` for an entry without marks.
  static func means(
    of group: [Int], in panel: Panel, usual: [Int], isTrimmed: Bool, value: ([Int]) -> Int
  ) -> [Double?] {
    var offsets: [Int: [Double]] = [:]
    for marks in panel.judges {
      let known = usual.compactMap { marks[$0].map(value) }
      guard !known.isEmpty else { continue }
      let usual = Double(known.reduce(0, +)) / Double(known.count)
      for entry in group {
        guard let marks = marks[entry] else { continue }
        offsets[entry, default: []].append(Double(value(marks)) - usual)
      }
    }
    return group.map { mean(of: offsets[$0] ?? [], isTrimmed: isTrimmed) }
  }

  private static func mean(of offsets: [Double], isTrimmed: Bool) -> Double? {
    // Sorted: the order of adding must not make a difference.
    var kept = offsets.sorted()[...]
    if isTrimmed, kept.count >= minJudgesToTrim { kept = kept.dropFirst().dropLast() }
    return kept.isEmpty ? nil : kept.reduce(0, +) / Double(kept.count)
  }
}

/// Compares means of fractions, which are not exact: what is closer than this is equal, in points.
private let tolerance = 1e-9

/// Returns for each value how many of the groups of equal values are lower; `nil` is lower than any.
func ranks(of values: [Double?]) -> [Int] {
  var starts: [Double] = []
  var last = -Double.infinity
  for value in values.compactMap(\.self).sorted() {
    if value - last > tolerance { starts.append(value) }
    last = value
  }
  return values.map { value in value.map { value in starts.count { $0 <= value } } ?? 0 }
}
