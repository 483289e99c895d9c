import Files
import Glibc
import SystemPackage

/// The directory of damaged files: nothing is deleted that could be evidence (I8).
struct Quarantine: Sendable {
  /// Of a name whose bytes are percent-encoded; a name has 255 bytes at most.
  private static let maxEncodedName = 180

  private let context: StoreContext

  init(_ context: StoreContext) {
    self.context = context
  }

  /// Moves a file here.
  ///
  /// - Returns: Whether it was moved; if not, that is reported.
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
      // A directory, say, has no second name: the name itself is moved.
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

  /// Sets the files aside whose names are no text: none of the store's own is called so.
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
