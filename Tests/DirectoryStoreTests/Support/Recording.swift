import DirectoryStore
import Files
import Foundation
import StoreProof

/// What a store did to its files, in order, as a file system sees it.
struct Recording: Sendable {
  /// One step; inodes are numbered in the order in which they were created.
  enum Step: Sendable {
    case create(inode: Int, name: String)
    case makeDirectory(name: String)
    case write(inode: Int, offset: Int, bytes: [UInt8])
    case truncate(inode: Int, length: Int)
    case setTimes(inode: Int, timespec)
    case synchronize(inode: Int)
    case synchronizeDirectory(name: String)
    /// Names that now stand for other inodes, or for none (`nil`).
    case names([String: Int?])
    /// A caller was told that a key is committed.
    case acknowledge(key: String)
  }

  fileprivate(set) var steps: [Step] = []
}

/// Records what a store does, through its table of system calls.
final class StepRecorder: Sendable {
  private struct State {
    var recording = Recording()
    /// The number of each current inode.
    var numbers: [UInt64: Int] = [:]
    var count = 0
    /// Whether the current `open` creates a file; only afterwards is it known that it has.
    var isNew = false
  }

  /// The directory that names are relative to.
  private let root: String
  private let state = Monitor(State())

  init(root: String) {
    self.root = root
  }

  var recording: Recording { state.withLock { $0.recording } }

  func acknowledge(_ key: String) {
    state.withLock { $0.recording.steps.append(.acknowledge(key: key)) }
  }

  /// Returns an intercept that records each call, after asking another intercept for its disposition.
  func intercept(
    asking other: SystemCalls.Intercept? = nil
  ) -> SystemCalls.Intercept {
    { [self] call, moment in
      guard moment == .after else {
        if call.name == .open, case .flags(let flags) = call.detail, flags & O_CREAT != 0 {
          let exists = identity(ofPath: call.path) != nil
          state.withLock { $0.isNew = !exists }
        }
        // An exchange or an unlink can only be recorded from what the names stood for before it.
        let disposition = other?(call, moment) ?? .proceed
        if disposition == .proceed { recordNames(call) }
        return disposition
      }
      record(call)
      return .proceed
    }
  }

  // MARK: Steps

  private func recordNames(_ call: SystemCall) {
    guard call.path.hasPrefix(root) else { return }
    let new = relative(call.path)
    let old = call.otherPath.map(relative)
    state.withLock { state in
      func number(_ name: String) -> Int? {
        identity(ofPath: root + name).flatMap { state.numbers[$0] }
      }
      let names: [String: Int?]? =
        switch call.name {
        case .rename: old.flatMap { old in number(old).map { [old: Int?.none, new: $0] } }
        case .exchange:
          old.flatMap { old in
            guard let one = number(old), let other = number(new) else { return nil }
            return [old: other, new: one]
          }
        case .link: number(new) == nil ? old.flatMap { number($0) }.map { [new: $0] } : nil
        case .unlink: number(new) == nil ? nil : [new: Int?.none]
        default: nil
        }
      if let names { state.recording.steps.append(.names(names)) }
    }
  }

  private func record(_ call: SystemCall) {
    guard call.path.hasPrefix(root) else { return }
    let inode = call.descriptor.flatMap(identity(ofDescriptor:))
    state.withLock { state in
      let number = inode.flatMap { state.numbers[$0] }
      switch (call.name, call.detail) {
      case (.open, .flags(let flags)) where flags & O_CREAT != 0 && state.isNew:
        guard let identity = identity(ofPath: call.path) else { return }
        state.numbers[identity] = state.count
        state.recording.steps.append(.create(inode: state.count, name: relative(call.path)))
        state.count += 1
        state.isNew = false
      case (.makeDirectory, _):
        state.recording.steps.append(.makeDirectory(name: relative(call.path)))
      case (.write, .bytes(let bytes, let offset)):
        if let number {
          state.recording.steps.append(.write(inode: number, offset: offset, bytes: bytes))
        }
      case (.truncate, .length(let length)):
        if let number { state.recording.steps.append(.truncate(inode: number, length: length)) }
      case (.setTimes, _):
        if let number, let time = time(ofPath: "/proc/self/fd/\(call.descriptor ?? -1)") {
          state.recording.steps.append(.setTimes(inode: number, time))
        }
      case (.synchronize, _):
        if let number {
          state.recording.steps.append(.synchronize(inode: number))
        } else {
          state.recording.steps.append(.synchronizeDirectory(name: relative(call.path)))
        }
      default: break
      }
    }
  }

  private func relative(_ path: String) -> String { String(path.dropFirst(root.count)) }

  private func identity(ofPath path: String) -> UInt64? {
    var status = stat()
    return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  private func identity(ofDescriptor descriptor: Int32) -> UInt64? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : nil
  }

  private func time(ofPath path: String) -> timespec? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mtim : nil
  }
}
