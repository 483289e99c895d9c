import Foundation

/// A folder for the files of this process's targets, in memory where there is such a place.
///
/// Who runs the fuzzer names one by `FUZZ_HOME` and removes it; else it goes with the process.
enum Home {
  /// Made when it is wanted first.
  static let path: String = {
    if let named = getenv("FUZZ_HOME") { return make(String(cString: named) + "/\(getpid())") }
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    let path = make("\(parent)/contest-fuzz-\(getpid())")
    atexit { Home.remove() }
    return path
  }()

  private static func make(_ path: String) -> String {
    mkdir(path, 0o750)
    return path
  }

  private static func remove() {
    // What is left is gone with the machine's next start.
    try? FileManager.default.removeItem(atPath: path)
  }
}
