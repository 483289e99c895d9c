import DirectoryStore
import DurableStore
import Files
import Foundation
import TestSupport
import Testing

@Suite(.blocking) struct `An examination of a directory` {
  private struct Case: Sendable, CustomTestStringConvertible {
    let call: SystemCall.Name
    let disposition: SystemCall.Disposition
    let check: String
    let expected: Finding.Verdict
    let says: String

    var testDescription: String { "\(call) \(disposition)" }
  }

  private static let cases = [
    Case(
      call: .lock, disposition: .pretend, check: "lock", expected: .warning, says: "flock excludes"),
    Case(
      call: .lock, disposition: .fail(ENOLCK), check: "lock", expected: .bad, says: "No locks"),
    Case(
      call: .rename, disposition: .pretend, check: "rename", expected: .bad,
      says: "does not keep it"),
    Case(
      call: .exchange, disposition: .fail(EINVAL), check: "exchange", expected: .good,
      says: "not possible here"),
    Case(
      call: .link, disposition: .fail(EPERM), check: "link", expected: .warning,
      says: "no hard links"),
    Case(
      call: .takeLease, disposition: .fail(ENOSYS), check: "lease", expected: .good,
      says: "each commit takes a new file"),
    Case(
      call: .synchronize, disposition: .pretend, check: "synchronize", expected: .warning,
      says: "quicker than devices are"),
    Case(
      call: .synchronize, disposition: .fail(EIO), check: "synchronize", expected: .bad,
      says: "cannot write"),
    Case(
      call: .access, disposition: .fail(EACCES), check: "permissions", expected: .bad,
      says: ".wal cannot be written to"),
    Case(
      call: .space, disposition: .fail(ENOSYS), check: "free space", expected: .unknown,
      says: "cannot be told"),
    Case(
      call: .write, disposition: .fail(ENOSPC), check: "rename", expected: .bad,
      says: "No space left"),
  ]

  @Test(arguments: cases)
  private func `names what the file system cannot do, and leaves nothing behind`(_ expected: Case)
    throws
  {
    let home = try TemporaryDirectory()
    let directory = DataDirectory(home.file("data"))
    _ = DirectoryExamination(directory).findings()
    let system = SystemCalls { call, moment in
      call.name == expected.call && moment == .before ? expected.disposition : .proceed
    }
    let findings = DirectoryExamination(directory, system: system).findings()
    let finding = try #require(findings.first { $0.check == expected.check })
    #expect(finding.verdict == expected.expected)
    #expect(finding.description.contains(expected.says), "\(finding)")
    if finding.verdict > .unknown { #expect(finding.advice != nil) }
    #expect(try names(in: home.file("data/.temp")) == [])
  }

  @Test func `finds nothing bad in a directory on a disk, and says what each line means`() throws {
    let home = try TemporaryDirectory(in: "/var/tmp")
    let findings = DirectoryExamination(DataDirectory(home.file("data"))).findings()
    #expect(!findings.contains { $0.verdict == .bad }, "\(findings)")
    #expect(
      findings.map(\.check) == [
        "permissions", "file system", "free space", "free files", "lock", "rename", "exchange",
        "link", "lease", "synchronize", "clock", "time",
      ])
    #expect(try names(in: home.file("data/.temp")) == [])
  }

  @Test func `warns of a directory in memory, and of one that everybody can read`() throws {
    let home = try TemporaryDirectory(in: "/dev/shm")
    let directory = DataDirectory(home.file("data"))
    _ = DirectoryExamination(directory).findings()
    chmod(home.file("data/uploads"), 0o755)
    let findings = DirectoryExamination(directory).findings()
    let kind = findings.first { $0.check == "file system" }
    #expect(kind?.verdict == .bad && kind?.detail.contains("in memory") == true)
    let permissions = findings.first { $0.check == "permissions" }
    #expect(permissions?.verdict == .warning)
    #expect(permissions?.detail == "uploads can be read by everybody")
  }

  @Test func `says what to do about one that cannot be made`() throws {
    let findings = DirectoryExamination(DataDirectory("/proc/nowhere")).findings()
    #expect(findings.map(\.verdict) == [.bad])
    #expect(findings.first?.advice?.contains("another DATA_DIR") == true)
  }
}
