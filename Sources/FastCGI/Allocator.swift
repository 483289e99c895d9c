import CFastCGI

/// How the C library's allocator behaves; see `mallopt(3)`.
public enum Allocator {
  /// Limits a process of many threads to two arenas: each arena keeps what its threads have freed.
  static func sharesArenas() {
    mallopt(M_ARENA_MAX, 2)
  }

  /// Keeps freed memory for reuse, for a process that answers one request: memory returned to the
  /// kernel costs a page fault for each 4 KB when it is needed again.
  public static func keepsWhatIsFreed() {
    mallopt(M_MMAP_THRESHOLD, 1 << 25)
    mallopt(M_TRIM_THRESHOLD, 1 << 28)
    mallopt(M_TOP_PAD, 1 << 20)
  }
}
