#define _GNU_SOURCE
#include "CFiles.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int contest_futex_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  // Not FUTEX_PRIVATE_FLAG: the word is shared between processes.
  return (int)syscall(SYS_futex, word, FUTEX_WAIT, expected, &limit, NULL, 0);
}

int contest_futex_wake(const uint32_t *word, int count) {
  return (int)syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

int contest_exchange(const char *one, const char *other) {
  return renameat2(AT_FDCWD, one, AT_FDCWD, other, RENAME_EXCHANGE);
}

// Breaking a lease raises SIGIO, which by default terminates the process.
static void ignore_breaks(void) {
  struct sigaction found;
  if (sigaction(SIGIO, NULL, &found) == 0 && found.sa_handler == SIG_DFL) signal(SIGIO, SIG_IGN);
}

int contest_take_lease(int descriptor) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, ignore_breaks);
  return fcntl(descriptor, F_SETLEASE, F_WRLCK);
}

ssize_t contest_random(void *buffer, size_t count) { return getrandom(buffer, count, 0); }

int contest_give_lease_back(int descriptor) { return fcntl(descriptor, F_SETLEASE, F_UNLCK); }

// One byte far beyond the end of any file, so that it conflicts with no other lock.
static struct flock hold_of(short kind) {
  return (struct flock){.l_type = kind, .l_whence = SEEK_SET, .l_start = INT64_MAX - 1, .l_len = 1};
}

int contest_hold(int descriptor) {
  struct flock hold = hold_of(F_RDLCK);
  return fcntl(descriptor, F_OFD_SETLK, &hold);
}

int contest_is_held(int descriptor) {
  struct flock hold = hold_of(F_WRLCK);
  if (fcntl(descriptor, F_OFD_GETLK, &hold) == -1) return -1;
  return hold.l_type != F_UNLCK;
}

int contest_allocate(int descriptor, int64_t bytes) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, bytes);
}

void contest_pause(int64_t nanoseconds) {
  static __thread int is_exact = 0;
  // By default the kernel may lengthen any sleep by 50 microseconds; see prctl(2), PR_SET_TIMERSLACK.
  if (!is_exact) is_exact = prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0) == 0;
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&limit, NULL);
}

int contest_examine_file_system(const char *path, struct contest_file_system *found) {
  struct statfs status;
  if (statfs(path, &status) == -1) return -1;
  *found = (struct contest_file_system){
    .kind = status.f_type,
    .block_bytes = status.f_bsize,
    // The blocks that an unprivileged user may take.
    .free_blocks = (int64_t)status.f_bavail,
    .files = (int64_t)status.f_files,
    .free_files = (int64_t)status.f_ffree,
  };
  return 0;
}

int contest_clock_is_synchronized(void) {
  struct timex state = {0};
  // With modes of 0 it only reads, which needs no privilege.
  int result = adjtimex(&state);
  return result == -1 ? -1 : result != TIME_ERROR;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t crc32c_by_instruction(
  uint32_t remainder, const uint8_t *bytes, size_t count) {
  uint64_t wide = remainder;
  for (; count >= 8; bytes += 8, count -= 8) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    wide = __builtin_ia32_crc32di(wide, word);
  }
  remainder = (uint32_t)wide;
  for (; count > 0; bytes++, count--) remainder = __builtin_ia32_crc32qi(remainder, *bytes);
  return remainder;
}

bool contest_crc32c(uint32_t *remainder, const uint8_t *bytes, size_t count) {
  if (!__builtin_cpu_supports("sse4.2")) return false;
  *remainder = crc32c_by_instruction(*remainder, bytes, count);
  return true;
}

#else

bool contest_crc32c(uint32_t *remainder, const uint8_t *bytes, size_t count) { return false; }

#endif

int contest_watch_names(const char *directory) {
  int descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (descriptor == -1) return -1;
  if (inotify_add_watch(descriptor, directory, IN_MOVED_TO | IN_ONLYDIR) != -1) return descriptor;
  close(descriptor);
  return -1;
}
