import Glibc

/// A started program whose standard output is read; see `posix_spawn(3)`.
struct BenchProcess {
  /// Why a program could not be started, or how it ended.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private let identifier: pid_t
  private let outputDescriptor: Int32
  private let name: String

  /// Starts a program.
  ///
  /// - Throws: `Failure` when it cannot be started.
  init(_ path: String, _ arguments: [String]) throws {
    name = ([path] + arguments.prefix(2)).joined(separator: " ")
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw Failure(description: "pipe: error \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    var words = unsafe ([path] + arguments).map { unsafe strdup($0) }
    unsafe words.append(nil)
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var identifier: pid_t = 0
    // The words live until the call has returned; the child has its own copy then.
    let status = unsafe posix_spawn(&identifier, path, &actions, nil, words, environ)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      throw Failure(description: "\(path) cannot be started: error \(status)")
    }
    self.identifier = identifier
    outputDescriptor = ends[0]
  }

  /// Waits for the program to end and returns its output.
  ///
  /// - Throws: `Failure` when the exit status is not 0.
  func output() throws -> String {
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe read(outputDescriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      text += buffer[..<count]
    }
    close(outputDescriptor)
    var status: Int32 = 0
    while unsafe waitpid(identifier, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw Failure(description: "\(name) ended with status \(status)") }
    return String(decoding: text, as: UTF8.self)
  }
}
