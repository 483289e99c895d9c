import Files
import Glibc
import SystemPackage

/// The directory of damaged files: nothing that could be evidence is deleted (I8).
struct Quarantine: Sendable {
  /// How much of a percent-encoded name is kept, in bytes; a whole file name has at most 255.
  private static let maxEncodedName = 180

  private let context: StoreContext

  init(_ context: StoreContext) {
    self.context = context
  }

  /// Moves a file into quarantine.
  ///
  /// - Returns: Whether it was moved; a failure is reported.
  @discardableResult
  func setAside(_ path: String, because reason: String) -> Bool {
    let name = newName(path.split(separator: "/").last.map(String.init) ?? "file")
    do throws(Errno) {
      try context.system.rename(path, to: self.path(name))
      context.report(.quarantined(name, reason: reason))
      return true
    } catch {
      context.report(.failed("set aside \(path) (\(reason)): \(error)"))
      return false
    }
  }

  /// Keeps a damaged data file before it is replaced: a kill must not lose the evidence.
  ///
  /// - Returns: Whether there is nothing left to keep.
  func keepDataFile(because reason: String) -> Bool {
    let dataFile = context.directory.dataFile
    let name = newName("data.json")
    do throws(Errno) {
      try context.system.link(dataFile, as: path(name))
      context.report(.quarantined(name, reason: reason))
      return true
    } catch .noSuchFileOrDirectory {
      // It is missing, not damaged.
      return true
    } catch {
      // A directory, say, cannot have a hard link: it is moved instead.
      return setAside(dataFile, because: reason)
    }
  }

  /// Keeps bytes that are to be cut off a file.
  func keep(_ bytes: [UInt8], of file: String, because reason: String) throws(Errno) {
    let name = newName(file)
    let copy = try context.system.open(path(name), O_RDWR | O_CREAT | O_EXCL)
    try context.system.write(bytes, to: copy, at: 0)
    context.report(.quarantined(name, reason: reason))
  }

  /// Sets aside the files whose names are not UTF-8: none of the store's own has such a name.
  func setAsideNamesOfNoText(in folder: String) {
    do throws(Errno) {
      let moved = try context.system.moveNamesOfNoText(in: folder) { name in
        path(newName(String(name.suffix(Self.maxEncodedName))))
      }
      for path in moved {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        context.report(.quarantined(name, reason: "its name is not UTF-8"))
      }
    } catch {
      context.report(.failed("set aside what is in \(folder): \(error)"))
    }
  }

  private func newName(_ base: String) -> String { context.surroundings.fileStem() + "-" + base }

  private func path(_ name: String) -> String { context.directory.quarantine + "/" + name }
}
