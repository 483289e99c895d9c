import Foundation
import TestSupport
import Testing

private let isLong = ProcessInfo.processInfo.environment["CONTEST_LONG_SWEEP"] != nil
/// The only proof to run; set for the tests of a copy that is broken on purpose.
private let onlyProof = ProcessInfo.processInfo.environment["STORE_PROOF"].flatMap(Proof.init)

/// A change of the store's sources that breaks an invariant: `Mutations/<proof>-<what>.patch`.
private struct Mutation: CustomTestStringConvertible, Sendable {
  private static let folder = Checkout.top + "/Tests/DirectoryStoreTests/Mutations"

  static let all = ((try? names(in: folder)) ?? []).filter { $0.hasSuffix(".patch") }.sorted()
    .map(Mutation.init)

  let name: String

  var testDescription: String { name }
  var path: String { Self.folder + "/" + name }
  /// The proof that has to notice it; the others are not run.
  var proof: Proof? { Proof(rawValue: String(name.prefix { $0 != "-" })) }

  /// Applies the patch to the sources below a folder, or only checks whether it applies.
  func apply(in folder: String, checkOnly: Bool = false) throws -> (status: Int32, errors: String) {
    let git = try run(
      "/usr/bin/env",
      ["git", "-C", folder, "apply", "--unsafe-paths"] + (checkOnly ? ["--check", path] : [path]),
      environment: ProcessInfo.processInfo.environment)
    return (git.status, git.errors)
  }
}

@Suite(.serialized, .blocking)
struct `Each invariant that is broken on purpose` {
  /// The proof that has to notice each fault; the others are not run.
  private static let noticing: [Fault: Proof] = [
    .noLogSynchronization: .powerCuts, .noDirectorySynchronization: .powerCuts, .noLock: .crowd,
    .noEntryLock: .withdrawal, .noLease: .slowReader, .noQuarantine: .damage, .noBackup: .backups,
  ]

  @Test(.timeLimit(.minutes(20)), arguments: Fault.allCases)
  func `by calls that are only pretended is noticed`(_ fault: Fault) throws {
    let proof = try #require(Self.noticing[fault])
    var found: [String] = []
    // Whether writers collide is the scheduler's choice, which a busy machine makes differently.
    for _ in 0..<10 where found.isEmpty { found = try proof.violations(breaking: fault) }
    #expect(!found.isEmpty, "\(fault.text): \(proof) saw nothing")
    print("\(fault.text) | \(proof) | \(found.first.map { String($0.prefix(100)) } ?? "-")")
  }

  @Test(
    .timeLimit(.minutes(20)),
    arguments: onlyProof.map { [$0] } ?? Proof.allCases.filter { $0 != .powerCuts })
  func `and the store as it is passes the same proof`(_ proof: Proof) throws {
    #expect(try proof.violations(breaking: nil).isEmpty)
  }

  @Test(arguments: Mutation.all)
  fileprivate func `has a patch that still applies`(_ mutation: Mutation) throws {
    #expect(Mutation.all.count == 6)
    #expect(mutation.proof != nil)
    let check = try mutation.apply(in: Checkout.top, checkOnly: true)
    #expect(check.status == 0, "\(check.errors)")
  }

  /// Applies each patch to a copy of the checkout, builds the copy and runs the proof there.
  @Test(.enabled(if: isLong), .timeLimit(.minutes(60)))
  func `by a change of the sources is noticed`() throws {
    let copy = Checkout.top + "/.build/mutations"
    for mutation in Mutation.all {
      let shell = try run(
        "/bin/sh",
        [
          "-c",
          """
          mkdir -p "$1" && cd "$0" && rm -rf "$1/Sources" "$1/Tests" && cp -a Package.swift Sources Tests "$1"
          """, Checkout.top, copy,
        ], environment: ProcessInfo.processInfo.environment)
      #expect(shell.status == 0, "\(shell.errors)")
      let applied = try mutation.apply(in: copy)
      #expect(applied.status == 0, "\(applied.errors)")
      var environment = ProcessInfo.processInfo.environment
      environment["STORE_PROOF"] = mutation.proof?.rawValue
      let built = try run(
        "/usr/bin/env", ["swift", "build", "--package-path", copy, "--build-tests"],
        environment: environment)
      #expect(
        built.status == 0, "\(mutation.name): \(String(decoding: built.output, as: UTF8.self))")
      let tested = try run(
        "/usr/bin/env",
        [
          "swift", "test", "--package-path", copy, "--skip-build", "--disable-xctest", "--filter",
          "passes the same proof",
        ], environment: environment)
      let output = String(decoding: tested.output, as: UTF8.self)
      #expect(output.contains("recorded an issue"), "\(mutation.name): nobody noticed")
    }
  }
}
