import ChildProcess
import Contest
public import DurableStore
import Files
import SystemPackage

/// The checks behind `contestctl doctor` and `/api/doctor`.
extension Site {
  /// Checks everything that the site depends on, as far as this process can see it.
  ///
  /// It takes up to a second or so.
  public func examine() -> [Finding] {
    store.examine()
      + [lockBetweenProcesses(), data(), leftovers(), adminPassword()]
      + [uploads(), live(), pictureTool(), transfer(), version()]
  }

  /// Holds a lock and checks that a second process, `flock(1)`, is refused it.
  private func lockBetweenProcesses() -> Finding {
    let check = "lock between processes"
    guard let program = ChildProcess("flock") else {
      return Finding(check, .unknown, detail: "flock(1) of util-linux is not installed here")
    }
    let file = folder.sharedFile(".temp/" + StagedFile.name(surroundings))
    var isRefused = false
    do throws(FileError) {
      try file.update { old in
        do throws(ChildProcessError) {
          _ = try program.run(
            ["-n", "-E", "9", file.path, "true"], input: .bytes([]),
            limits: .init(seconds: 5, outputBytes: 4096))
        } catch {
          if case .failed(_, status: 9, _) = error { isRefused = true }
        }
        return old
      }
    } catch {
      return Finding(check, .bad, detail: "\(error)", advice: "the responders cannot write there")
    }
    file.remove()
    return isRefused
      ? Finding(check, .good, detail: "a second process is refused while the first holds it")
      : Finding(
        check, .bad, detail: "a second process gets a lock that another holds: writes may be lost",
        advice: "this file system cannot be used by several processes; take another DATA_DIR")
  }

  private func data() -> Finding {
    do throws(TransactionError) {
      let snapshot = try store.read()
      let count = snapshot.state.allEntries.reduce(0) { $0 + $1.entries.count }
      return Finding("data", .good, detail: "generation \(snapshot.generation), \(count) entries")
    } catch {
      return Finding("data", .bad, detail: "\(error)", advice: "contestctl verify says what to do")
    }
  }

  private func leftovers() -> Finding {
    guard let report = try? store.report() else {
      return Finding(
        "storage", .bad, detail: "it cannot be examined", advice: "contestctl verify says why")
    }
    let poor = report.indicators.filter { $0.status != .good && $0.isLasting }
    guard let worst = poor.map(\.status.level).max() else {
      return Finding("storage", .good, detail: "nothing is left over, nothing is set aside")
    }
    return Finding(
      "storage", worst > 1 ? .bad : .warning,
      detail: poor.map { "\($0.name) \($0.status.rawValue)" }.joined(separator: ", "),
      advice:
        "contestctl status shows the numbers, contestctl verify what to do; look into quarantine/")
  }

  private func adminPassword() -> Finding {
    switch try? password.isSet() {
    case true?:
      return settings.adminPassword == nil
        ? Finding("password", .good, detail: "its hash is kept")
        : Finding(
          "password", .warning, detail: "ADMIN_PASSWORD holds it in clear",
          advice: "unset it and use contestctl password, which keeps only a hash")
    case false?:
      return Finding(
        "password", .bad, detail: "none is set: nobody can log in", advice: "contestctl password")
    case nil:
      return Finding(
        "password", .bad, detail: "it cannot be read", advice: "look at \(folder.path)/.admin")
    }
  }

  private func uploads() -> Finding {
    let missing = try? entryPhotos.missing()
    guard let missing else { return Finding("photos", .unknown, detail: "they cannot be listed") }
    return missing.isEmpty
      ? Finding("photos", .good, detail: "each entry's photo is there")
      : Finding(
        "photos", .bad, detail: "\(missing.count) are missing",
        advice: "contestctl verify names them")
  }

  private func live() -> Finding {
    let report = LiveNoteboard(settings).read(nowMilliseconds: surroundings.nowMilliseconds())
    return report == nil
      ? Finding(
        "live updates", .warning,
        detail: "no live process has reported lately: pages ask again instead",
        advice: "start tattoo-contest live; on shared hosting there is none")
      : Finding("live updates", .good, detail: "the live process lives")
  }

  private func pictureTool() -> Finding {
    ChildProcess("vipsthumbnail") == nil
      ? Finding(
        "pictures", .warning, detail: "vipsthumbnail is not there: photos are shown in full size",
        advice: "apt-get install libvips-tools, where you can")
      : Finding("pictures", .good, detail: "vipsthumbnail is there")
  }

  private func transfer() -> Finding {
    guard settings.cloudinary != nil else {
      return Finding("photo service", .good, detail: "none is configured; photos are kept here")
    }
    return ChildProcess("curl") == nil
      ? Finding("photo service", .bad, detail: "curl is not there", advice: "apt-get install curl")
      : Finding("photo service", .good, detail: "curl is there; contestctl photos shows what waits")
  }

  private func version() -> Finding {
    Finding(
      "version", .good, detail: "tattoo-contest \(Release.version), data format \(Self.dataFormat)")
  }

  private static let dataFormat = 1
}
