import CFiles
import SystemPackage

/// The file system that a data directory is on; see `statfs(2)`.
public struct FileSystem: Sendable, Equatable {
  /// The kinds that are told apart; the numbers are those of `linux/magic.h`.
  public enum Kind: UInt32, Sendable {
    case ext = 0xEF53
    case xfs = 0x5846_5342
    case btrfs = 0x9123_683E
    case zfs = 0x2FC1_2FC1
    case overlay = 0x794C_7630
    case memory = 0x0102_1994
    case ram = 0x8584_58F6
    case nfs = 0x6969
    case smb = 0xFE53_4D42
    case cifs = 0xFF53_4D42
    case fuse = 0x6573_5546

    /// Whether a reboot empties it.
    public var isVolatile: Bool { self == .memory || self == .ram }
    /// Whether it is on another machine, or may be.
    public var isRemote: Bool { [.nfs, .smb, .cifs, .fuse].contains(self) }
  }

  /// The kind; `nil` if it is not one of these.
  public let kind: Kind?
  /// How many bytes are left for an ordinary user.
  public let freeBytes: Int
  /// How many files can still be made; `nil` where they are not counted.
  public let freeFiles: Int?

  init(_ found: contest_file_system) {
    kind = Kind(rawValue: UInt32(truncatingIfNeeded: found.kind))
    freeBytes = Int(found.free_blocks * found.block_bytes)
    freeFiles = found.files == 0 ? nil : Int(found.free_files)
  }
}
