import Foundation
import TestSupport

/// The package as `swift package describe` tells it.
struct Manifest {
  /// A target with what of it counts here.
  struct Target {
    let name: String
    /// Relative to the checkout.
    let path: String
    let sources: [String]
    /// The targets of this package that it declares.
    let dependencies: Set<String>
  }

  let targets: [Target]

  init() throws {
    // The run of the tests holds the lock of the build folder.
    let described = try run(
      "/usr/bin/env",
      [
        "swift", "package", "--package-path", Checkout.top, "--ignore-lock", "describe",
        "--type", "json",
      ], environment: ProcessInfo.processInfo.environment)
    guard described.status == 0 else { throw Undescribed(reason: described.errors) }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    targets = try decoder.decode(Description.self, from: Data(described.output)).targets.map {
      Target(
        name: $0.name, path: $0.path, sources: $0.sources,
        dependencies: Set($0.targetDependencies ?? []))
    }
  }

  /// The modules that each module of `Sources` imports.
  var imports: [String: Set<String>] {
    let sources = targets.filter { $0.path.hasPrefix("Sources/") }
    return Dictionary(uniqueKeysWithValues: sources.map { ($0.name, $0.dependencies) })
  }

  private struct Description: Decodable {
    let targets: [Described]
  }

  private struct Described: Decodable {
    let name: String
    let path: String
    let sources: [String]
    let targetDependencies: [String]?
  }

  struct Undescribed: Error { let reason: String }
}
