import Foundation
import FuzzTargets
import TestSupport
import Testing

/// What fuzzing has found and what it begins with, in every run of the tests.
@Suite(.blocking) struct `A parser of foreign bytes` {
  private static let corpus = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Corpus").path

  @Test(.timeLimit(.minutes(20)), arguments: FuzzTarget.all.map(\.name))
  func `keeps its promises for its corpus, also cut off and bent`(_ name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let files = try names(in: Self.corpus + "/" + name)
    #expect(!files.isEmpty)
    let seed = UInt64.random(in: 0 ... .max)
    var state = seed
    // A trap ends the process; the seed is what it can be repeated with.
    print("corpus of \(name), seed \(seed)")
    for file in files {
      let bytes = try contents(of: "\(Self.corpus)/\(name)/\(file)")
      target.run(bytes)
      for _ in 0..<60 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var bent = Array(bytes.prefix(Int(state >> 33) % (bytes.count + 1)))
        if state & 1 == 0 { bent = bytes }
        if !bent.isEmpty {
          bent[Int(state >> 20) % bent.count] = UInt8(truncatingIfNeeded: state >> 50)
        }
        target.run(bent)
      }
    }
  }
}
