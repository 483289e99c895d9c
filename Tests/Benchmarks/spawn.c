// Times a CGI program from its start: spawn COUNT INPUT PROGRAM
// Prints the medians of milliseconds to the end of its answer, to its exit, and of processor time.
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int ascending(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return difference < 0 ? -1 : difference > 0;
}

static double processor_time(void) {
  struct rusage used;
  getrusage(RUSAGE_CHILDREN, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 +
    (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
}

int main(int argc, char **argv) {
  if (argc < 4) return 64;
  int count = atoi(argv[1]);
  double *answers = calloc(count, sizeof *answers), *exits = calloc(count, sizeof *exits);
  for (int run = 0; run < count; run++) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == -1) return 71;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, argv[2], O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    double began = now();
    pid_t child;
    if (posix_spawn(&child, argv[3], &actions, NULL, argv + 3, environ) != 0) return 71;
    close(ends[1]);
    char answer[65536];
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], answer + length, sizeof answer - 1 - length)) > 0) {
      // What does not fit is read and forgotten.
      if (length + got < sizeof answer - 1) length += got;
    }
    answers[run] = now() - began;
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    exits[run] = now() - began;
    answer[length] = 0;
    posix_spawn_file_actions_destroy(&actions);
    if (getenv("REQUEST_METHOD") && !strstr(answer, "\r\n\r\n")) {
      fprintf(stderr, "spawn: %s does not answer: %.200s\n", argv[3], answer);
      return 1;
    }
  }
  qsort(answers, count, sizeof *answers, ascending);
  qsort(exits, count, sizeof *exits, ascending);
  printf("%.3f %.3f %.3f\n", answers[count / 2], exits[count / 2], processor_time() / count);
}
