import DirectoryStore
import DurableStore
import Files
import Foundation
import JSON
import StoreProof
import TestSupport
import Testing
import Threads

@Suite(.blocking) struct `Trap` {
  @Test func `an entry that a leader holds is not withdrawn, and its outcome is unknown`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let store = try fixture.open(lockLimit: .seconds(2))
    // A leader that was stopped: it holds the lock and the entry.
    let lock = fixture.holdLock()
    defer { giveBack(lock) }
    let error = Recorder<TransactionError>()
    inThreads(2) { thread in
      if thread == 0 {
        do { _ = try store.commit(.row("b")) } catch let failure as TransactionError {
          error.append(failure)
        } catch {}
        return
      }
      guard let name = fixture.firstPending(),
        let entry = fopen(fixture.path(".wal/" + name), "r+")
      else { return }
      flock(fileno(entry), LOCK_EX)
      // Until the writer has given up.
      for _ in 0..<3000 where error.all.isEmpty { usleep(1000) }
      flock(fileno(entry), LOCK_UN)
      fclose(entry)
    }
    #expect(error.all.map(\.outcome) == [.unknown])
    #expect(try fixture.pending.count == 1)
    flock(lock, LOCK_UN)
    try fixture.open().recover()
    try fixture.check(["a", "b"])
  }

  @Test func `an entry that is gone was committed by another, and its writer learns it`() throws {
    let fixture = try Fixture()
    let other = try fixture.open()
    try other.commit("a")
    let writer = try fixture.open()
    let lock = fixture.holdLock()
    let receipts = Recorder<CommitReceipt>()
    let transaction = Transaction.row("b")
    inThreads(2) { thread in
      if thread == 0 {
        if let receipt = try? writer.commit(transaction) { receipts.append(receipt) }
        return
      }
      _ = fixture.firstPending()
      // Another process leads the moment the lock is free.
      giveBack(lock)
      try? other.recover()
    }
    #expect(receipts.all.map(\.transactionID) == [transaction.id] && !receipts.all[0].isReplayed)
    try fixture.check(["a", "b"])
  }

  @Test func `an entry that is gone was refused by another, and its writer learns why`() throws {
    let fixture = try Fixture()
    let store = try fixture.open(lockLimit: .seconds(5))
    try store.commit("a")
    let lock = fixture.holdLock()
    let errors = Recorder<TransactionError>()
    inThreads(2) { thread in
      if thread == 0 {
        do { _ = try store.commit(.row("b")) } catch let error as TransactionError {
          errors.append(error)
        } catch {}
        return
      }
      guard let name = fixture.firstPending(),
        let text = try? contents(of: fixture.path(".wal/" + name)),
        let entry = PendingEntry(parsing: text)
      else { return }
      let record = fixture.path(".wal/" + name.replacingPrefix("wal-", by: "rejected-"))
      try? write(entry.rejection(Rejection(code: "full", reason: "No room.")), to: record)
      try? FileManager.default.removeItem(atPath: fixture.path(".wal/" + name))
    }
    giveBack(lock)
    #expect(errors.all.map(\.cause) == [.rejected(Rejection(code: "full", reason: "No room."))])
    #expect(try !fixture.names(".wal").contains { $0.hasPrefix("rejected-") })
  }

  @Test(.timeLimit(.minutes(20)), arguments: [false, true])
  func `an entry that ends each leader goes to quarantine the third time`(
    _ hasRoomForMarks: Bool
  ) async throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let entry = PendingEntry(.row("deadly"), baseGeneration: 1).serialized
    try write(
      hasRoomForMarks ? AttemptMark.makingRoom(behind: entry) : entry,
      to: fixture.path(".wal/wal-1-00000001.json"))
    for _ in 0..<2 {
      await #expect(processExitsWith: .failure) { [path = fixture.directory.path as String] in
        try DirectoryStore<Ledger>(DataDirectory(path)).recover()
      }
    }
    try fixture.open().commit("b")
    #expect(try fixture.names("quarantine").count == 1)
    try fixture.check(["a", "b"])
  }

  @Test(arguments: [false, true])
  func `a live leader's failures do not count against an entry`(_ hasRoomForMarks: Bool) throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let entry = PendingEntry(.row("b"), baseGeneration: 1).serialized
    try write(
      hasRoomForMarks ? AttemptMark.makingRoom(behind: entry) : entry,
      to: fixture.path(".wal/wal-1-00000001.json"))
    let failing = try fixture.open { call, moment in
      moment == .before && call.name == .synchronize && call.path.contains("completed-")
        ? .fail(EIO) : .proceed
    }
    for _ in 0..<5 { #expect(throws: TransactionError.self) { try failing.recover() } }
    try fixture.open().recover()
    try fixture.check(["a", "b"])
  }

  @Test func `an entry that is found before its writer waits for it has one outcome`() throws {
    let fixture = try Fixture()
    // Filled when the second writer, which has handed in its entry, may continue.
    let isFound = Recorder<Void>()
    let handedIn = Recorder<String>()
    let store = try fixture.open { call, moment in
      if moment == .after, call.name == .rename, call.path.contains("/wal-") {
        handedIn.append(call.path)
        if handedIn.all.count == 2 { for _ in 0..<5000 where isFound.all.isEmpty { usleep(1000) } }
      }
      if moment == .after, call.name == .write, call.path == handedIn.all.last, isFound.all.isEmpty,
        handedIn.all.count == 2
      {
        // The leader has written to the entry's file, and checks once more for new entries.
        isFound.append(())
        usleep(100_000)
      }
      return .proceed
    }
    try store.commit("a")
    for index in 0..<5 { try fixture.plant("p\(index)", after: 1) }
    try store.recover()
    let errors = commitWhileLocked(["b", "strict-c"], in: store, fixture.holdLock(), handedIn)
    #expect(!isFound.all.isEmpty)
    #expect(errors.isEmpty)
    try fixture.check(["a", "b", "strict-c"] + (0..<5).map { "p\($0)" })
  }

  /// Commits two keys while the lock is held, and releases the lock when both are handed in.
  private func commitWhileLocked(
    _ keys: [String], in store: DirectoryStore<Ledger>, _ lock: Int32,
    _ handedIn: Recorder<String>
  ) -> [TransactionError.Cause] {
    let errors = Recorder<TransactionError.Cause>()
    inThreads(3) { thread in
      for _ in 0..<5000 where handedIn.all.count < thread { usleep(1000) }
      guard thread < 2 else { return giveBack(lock) }
      do throws(TransactionError) { _ = try store.commit(.row(keys[thread])) } catch {
        errors.append(error.cause)
      }
    }
    return errors.all
  }

  @Test func `an inode that somebody has open is not used again (I8)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    // The first state is the checkpoint, which is never used again; 13 commits have pruned it.
    for index in 0..<13 { try store.commit("k\(index)") }
    let oldest = try #require(try fixture.names("backups").first)
    let reader = try #require(FileHandle(forReadingAtPath: fixture.path("backups/" + oldest)))
    let before = try contents(of: fixture.path("backups/" + oldest))
    for index in 0..<5 { try store.commit("m\(index)") }
    #expect(Array(try reader.readToEnd() ?? Data()) == before)
  }

  @Test func `an inode with a second name is not used again (I8)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    // The first state is the checkpoint, which is never used again; 13 commits have pruned it.
    for index in 0..<13 { try store.commit("k\(index)") }
    let oldest = try #require(try fixture.names("backups").first)
    let before = try contents(of: fixture.path("backups/" + oldest))
    try FileManager.default.linkItem(
      atPath: fixture.path("backups/" + oldest), toPath: fixture.home.file("kept"))
    for index in 0..<5 { try store.commit("m\(index)") }
    #expect(try contents(of: fixture.home.file("kept")) == before)
  }

  @Test func `the checkpoint is whole at every moment, however many batches follow (I5)`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.commit("first")
    for index in 0..<25 {
      try store.commit("k\(index)")
      let text = try contents(of: fixture.path(".wal/checkpoint.json"))
      guard case .intact = DataFile.reading(text) as DataFile.Reading<Ledger> else {
        Issue.record("the checkpoint is not whole after \(index)")
        return
      }
    }
    store.checkpoint()
    let checkpoint = try contents(of: fixture.path(".wal/checkpoint.json"))
    let dataFile = try contents(of: fixture.path("data.json"))
    #expect(checkpoint == dataFile)
  }

  @Test func `what a dead process left under .temp is removed, what a live one writes is not`()
    throws
  {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.commit("a")
    var staged = try StagedFile(in: Folder(fixture.directory.temporary))
    try staged.write([1, 2, 3])
    try write("old state", to: fixture.path(".temp/tmp-1-abcdef.json"))
    try fixture.open().recover()
    #expect(try fixture.names(".temp").count == 1)
    try staged.keep(in: fixture.directory.uploads, as: "1-a.jpg")
    #expect(try contents(of: fixture.path("uploads/1-a.jpg")) == [1, 2, 3])
    try fixture.check(["a"])
  }

  @Test func `a truncated wake file ends no process`() throws {
    let fixture = try Fixture()
    let stores = try (0..<2).map { _ in try fixture.open() }
    try stores[0].commit("a")
    try write([], to: fixture.path(".wal/wake"))
    truncate(fixture.path(".wal/wake"), 0)
    inThreads(4) { thread in _ = try? stores[thread % 2].commit(.row("k\(thread)")) }
    try fixture.check(["a", "k0", "k1", "k2", "k3"])
  }

  @Test func `descriptors are closed in a program that is started`() throws {
    let fixture = try Fixture()
    let store = try fixture.open()
    try store.commit("a")
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
      guard let descriptor = Int32(name),
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/self/fd/\(name)"),
        target.hasPrefix(fixture.directory.path)
      else { continue }
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0, "\(target)")
    }
  }

  @Test func `a failed synchronization is not repeated on the same file (I9)`() throws {
    let fixture = try Fixture()
    try fixture.open().commit("a")
    let calls = Recorder<SystemCall>()
    let failures = Recorder<SystemCall>()
    let store = try fixture.open { call, moment in
      guard moment == .before, call.name == .synchronize, call.path.contains("completed-") else {
        return .proceed
      }
      calls.append(call)
      if failures.all.isEmpty {
        failures.append(call)
        return .fail(EIO)
      }
      return .proceed
    }
    try store.commit("b")
    let failed = try #require(failures.all.first)
    #expect(calls.all.filter { $0 == failed }.count == 1)
    #expect(calls.all.count == 2)
    try fixture.check(["a", "b"])
  }

  @Test func `clocks that step back lose nothing and keep the newest backups`() throws {
    let fixture = try Fixture()
    let machine = Surroundings.machine
    for index in 0..<15 {
      let surroundings = Surroundings(
        nowMilliseconds: { 2_000_000_000_000 - index * 60_000 }, randomBits: machine.randomBits)
      let store = try DirectoryStore<Ledger>(
        fixture.directory, options: StoreOptions(surroundings: surroundings))
      try store.commit("k\(index)")
    }
    try fixture.check((0..<15).map { "k\($0)" })
    let newest = try #require(try fixture.names("backups").last)
    let text = try contents(of: fixture.path("backups/" + newest))
    guard case .intact(let version) = DataFile.reading(text) as DataFile.Reading<Ledger> else {
      Issue.record("not intact")
      return
    }
    #expect(version.generation == 14)
  }
}
