import CFastCGI

/// How the C library's allocator behaves; see `mallopt(3)`.
public enum Allocator {
  /// For a process of many threads: every arena keeps what its threads have freed, and two are enough.
  static func sharesArenas() {
    mallopt(M_ARENA_MAX, 2)
  }

  /// For a process that answers one request: what is freed is used again and not given back, which
  /// costs a page fault for each 4 KB.
  public static func keepsWhatIsFreed() {
    mallopt(M_MMAP_THRESHOLD, 1 << 25)
    mallopt(M_TRIM_THRESHOLD, 1 << 28)
    mallopt(M_TOP_PAD, 1 << 20)
  }
}
