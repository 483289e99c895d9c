// A disk without a write cache: every fsync(2) and fdatasync(2) takes a millisecond longer.
// For LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int slowly(const char *name, int file) {
  int (*original)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  int result = original(file);
  struct timespec time = {0, 1000000};
  nanosleep(&time, 0);
  return result;
}

int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
