import Foundation
import TestSupport
import Testing

/// Rules of `docs/style.md` that can be counted.
@Suite(.blocking)
struct `The sources` {
  private static let maxLinesOfFunction = 40
  private static let maxFilesOfFolder = 12

  private func swiftFiles(
    in roots: [String] = ["Sources", "Tests"]
  ) throws -> [(path: String, lines: [Substring])] {
    try roots.flatMap { root in
      let all = FileManager.default.enumerator(atPath: Checkout.top + "/" + root)
      let paths = (all?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }
      return try paths.map { path in
        let text = try String(contentsOfFile: "\(Checkout.top)/\(root)/\(path)", encoding: .utf8)
        return ("\(root)/\(path)", text.split(separator: "\n", omittingEmptySubsequences: false))
      }
    }
  }

  /// A module that is built already is found without being declared; in a fresh checkout that is chance.
  @Test func `import no module that the manifest does not declare`() throws {
    let targets = try Manifest().targets
    let names = Set(targets.map(\.name))
    for target in targets {
      for source in target.sources where source.hasSuffix(".swift") {
        let path = "\(Checkout.top)/\(target.path)/\(source)"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let imported = text.matches(of: /(?m)^(?:[a-z@]+ )?import (\w+)/).map {
          String($0.output.1)
        }
        let missing = Set(imported).intersection(names).subtracting(target.dependencies)
        #expect(missing.isEmpty, "\(path)")
      }
    }
  }

  /// The formatter indents a declaration's closing brace like its first line.
  @Test func `have no function that is longer than forty lines`() throws {
    let heads = /^( *)(?:[a-z@()]+ )*(?:func |init[?(<]|subscript\()/
    var count = 0
    for (path, lines) in try swiftFiles() {
      for (number, line) in lines.enumerated() where !line.hasSuffix("}") {
        guard let head = line.prefixMatch(of: heads), hasBody(lines[number...]) else { continue }
        count += 1
        let end = lines[number...].firstIndex { $0 == head.output.1 + "}" } ?? number
        #expect(end - number < Self.maxLinesOfFunction, "\(path):\(number + 1)")
      }
    }
    #expect(count > 1000)
  }

  /// A closure may come last, and what it takes cannot have labels.
  @Test func `have no function that takes three arguments without labels`() throws {
    let heads = /^ *(?:[a-z@()]+ )*(?:func |init[?(<]|subscript\()[^(]*\(?/
    for (path, lines) in try swiftFiles(in: ["Sources"]) {
      for (number, line) in lines.enumerated() {
        guard let head = line.prefixMatch(of: heads) else { continue }
        let end = lines[number...].firstIndex { $0.contains(")") && !$0.hasSuffix(",") } ?? number
        let signature = lines[number...end].joined(separator: " ")
          .dropFirst(head.output.count).replacing(/\([^()]*\)/, with: "")
        let count = signature.matches(of: /\b_ \w+:(?! *(?:@\w+ )*(?:throws *)?->)/).count
        #expect(count <= 2, "\(path):\(number + 1)")
      }
    }
  }

  /// Whether a declaration has a body: a protocol's requirement has none.
  private func hasBody(_ lines: ArraySlice<Substring>) -> Bool {
    lines.prefix { !$0.isEmpty && !$0.contains("///") && $0 != "}" }.contains { $0.hasSuffix("{") }
  }

  @Test func `have no folder with more than twelve files`() throws {
    let folders = Dictionary(grouping: try swiftFiles().map(\.path)) { path in
      path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
    }
    #expect(folders.count > 20)
    for (folder, files) in folders {
      #expect(files.count <= Self.maxFilesOfFolder, "\(folder): \(files.count)")
    }
  }
}
