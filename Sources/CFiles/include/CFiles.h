// What Swift cannot import: variadic system calls, a call behind a feature macro, a CPU instruction.
// Each call returns -1 and sets errno as its man page says.
#ifndef C_FILES_H
#define C_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Waits while the word equals `expected`, for at most `nanoseconds`; see futex(2).
int contest_futex_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds);

/// Wakes at most `count` waiters on the word, in any process; see futex(2).
int contest_futex_wake(const uint32_t *word, int count);

/// Swaps two names in one step; see renameat2(2), RENAME_EXCHANGE.
int contest_exchange(const char *one, const char *other);

/// Takes a write lease, which succeeds only if nobody else has the file open; see fcntl(2).
int contest_take_lease(int descriptor);

/// Releases a lease, for all copies of the descriptor; see fcntl(2).
int contest_give_lease_back(int descriptor);

/// Takes a read lock that marks an open file as held until it is closed; see fcntl(2), F_OFD_SETLK.
int contest_hold(int descriptor);

/// Returns whether another open file description holds the file: 1, 0 or -1; see fcntl(2), F_OFD_GETLK.
int contest_is_held(int descriptor);

/// Allocates blocks for an open file without changing its length; see fallocate(2), FALLOC_FL_KEEP_SIZE.
int contest_allocate(int descriptor, int64_t bytes);

/// Returns a descriptor that becomes readable when a file is renamed into the directory; see inotify(7).
int contest_watch_names(const char *directory);

/// Fills a buffer with random bytes of the kernel, 256 at most; see getrandom(2).
ssize_t contest_random(void *buffer, size_t count);

/// Sleeps without timer slack; see nanosleep(2).
void contest_pause(int64_t nanoseconds);

/// What statfs(2) reports about a file system.
struct contest_file_system {
  int64_t kind;
  int64_t block_bytes;
  int64_t free_blocks;
  int64_t files;
  int64_t free_files;
};

/// Examines the file system that a path is on; see statfs(2).
int contest_examine_file_system(const char *path, struct contest_file_system *found);

/// Returns whether the kernel considers the clock synchronized: 1, 0 or -1; see adjtimex(2).
int contest_clock_is_synchronized(void);

/// Updates the remainder of a CRC-32C with the processor's instruction; returns false if there is none.
bool contest_crc32c(uint32_t *remainder, const uint8_t *bytes, size_t count);

#endif
