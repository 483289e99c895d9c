// What Swift cannot import: variadic system calls, one behind a feature macro, an instruction.
// Each call returns -1 and sets errno as its man page says.
#ifndef C_FILES_H
#define C_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Waits until the word is no longer `expected`, at most `nanoseconds`; see futex(2).
int contest_futex_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds);

/// Wakes so many of those who wait for the word, in every process; see futex(2).
int contest_futex_wake(const uint32_t *word, int count);

/// Swaps two names in one step; see renameat2(2), RENAME_EXCHANGE.
int contest_exchange(const char *one, const char *other);

/// Takes a write lease, which succeeds only if nobody else has the file open; see fcntl(2).
int contest_take_lease(int descriptor);

/// Gives a lease back, for all copies of the descriptor; see fcntl(2).
int contest_give_lease_back(int descriptor);

/// Holds an open file until it is closed, as others can tell; see fcntl(2), F_OFD_SETLK.
int contest_hold(int descriptor);

/// Whether another open file description holds the file: 1, 0 or -1; see fcntl(2), F_OFD_GETLK.
int contest_is_held(int descriptor);

/// Gives an open file blocks beyond its end; see fallocate(2).
int contest_allocate(int descriptor, int64_t bytes);

/// A descriptor that is readable when a name in a directory leads to another file; see inotify(7).
int contest_watch_names(const char *directory);

/// Sleeps no longer than it has to; see nanosleep(2).
void contest_pause(int64_t nanoseconds);

/// What statfs(2) tells of a file system.
struct contest_file_system {
  int64_t kind;
  int64_t block_bytes;
  int64_t free_blocks;
  int64_t files;
  int64_t free_files;
};

/// Tells what a path is on; see statfs(2).
int contest_examine_file_system(const char *path, struct contest_file_system *found);

/// Whether the kernel says that the clock is kept right: 1, 0, or -1; see adjtimex(2).
int contest_clock_is_synchronized(void);

/// Takes bytes into the remainder of a CRC-32C by the processor's instruction, if it has one.
bool contest_crc32c(uint32_t *remainder, const uint8_t *bytes, size_t count);

#endif
