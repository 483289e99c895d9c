// What others do with the same task: P processes commit 150-byte entries as fast as they can.
//
//   peers KIND DIRECTORY PROCESSES SECONDS PREFILL
//
// KIND is sqlite (WAL, synchronous=FULL), lmdb, rename (the whole file as JSON: temporary file,
// fsync, rename) or append (write and fdatasync under a lock: the limit of any log).
// It prints what `contestctl bench commit --json` prints.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { entry_bytes = 150, max_samples = 4000000 };

static const char *directory;
static char path[4096];
static char entry[entry_bytes + 1];

static void check(int is_good, const char *what) {
  if (is_good) return;
  perror(what);
  exit(1);
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// SQLite

static sqlite3 *database;
static sqlite3_stmt *insert_statement;

static void run_sql(const char *sql) {
  char *error = NULL;
  if (sqlite3_exec(database, sql, NULL, NULL, &error) == SQLITE_OK) return;
  fprintf(stderr, "%s: %s\n", sql, error);
  exit(1);
}

static void open_sqlite(void) {
  check(sqlite3_open(path, &database) == SQLITE_OK, "sqlite3_open");
  sqlite3_busy_timeout(database, 60000);
  run_sql("PRAGMA journal_mode=WAL");
  run_sql("PRAGMA synchronous=FULL");
  run_sql("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, body TEXT)");
  sqlite3_prepare_v2(database, "INSERT INTO entries (body) VALUES (?)", -1, &insert_statement, NULL);
}

static void insert_sqlite(void) {
  sqlite3_bind_text(insert_statement, 1, entry, entry_bytes, SQLITE_STATIC);
  int result = sqlite3_step(insert_statement);
  sqlite3_reset(insert_statement);
  check(result == SQLITE_DONE, "INSERT");
}

static void commit_sqlite(void) {
  run_sql("BEGIN IMMEDIATE");
  insert_sqlite();
  run_sql("COMMIT");
}

static void prefill_sqlite(long count) {
  run_sql("BEGIN IMMEDIATE");
  for (long index = 0; index < count; index++) insert_sqlite();
  run_sql("COMMIT");
}

// LMDB

static MDB_env *environment;
static MDB_dbi table;

static void put_lmdb(long count) {
  MDB_txn *transaction;
  check(mdb_txn_begin(environment, NULL, 0, &transaction) == 0, "mdb_txn_begin");
  mdb_dbi_open(transaction, NULL, MDB_INTEGERKEY | MDB_CREATE, &table);
  MDB_stat status;
  mdb_stat(transaction, table, &status);
  for (long index = 0; index < count; index++) {
    size_t number = status.ms_entries + index;
    MDB_val key = {sizeof number, &number}, value = {entry_bytes, entry};
    check(mdb_put(transaction, table, &key, &value, MDB_APPEND) == 0, "mdb_put");
  }
  check(mdb_txn_commit(transaction) == 0, "mdb_txn_commit");
}

static void open_lmdb(void) {
  mdb_env_create(&environment);
  mdb_env_set_mapsize(environment, (size_t)4 << 30);
  check(mdb_env_open(environment, path, MDB_NOSUBDIR, 0640) == 0, "mdb_env_open");
}

static void commit_lmdb(void) { put_lmdb(1); }

// The whole file, and the log alone

static int lock_file;
static int log_file;

static void open_files(void) {
  char name[4200];
  snprintf(name, sizeof name, "%s/lock", directory);
  lock_file = open(name, O_RDWR | O_CREAT, 0640);
  log_file = open(path, O_RDWR | O_CREAT | O_APPEND, 0640);
  check(lock_file >= 0 && log_file >= 0, path);
}

static void prefill_file(long count) {
  for (long index = 0; index < count; index++) {
    check(write(log_file, entry, entry_bytes) == entry_bytes, path);
  }
}

static void commit_rename(void) {
  static char *text;
  static size_t room;
  char temporary[4200];
  snprintf(temporary, sizeof temporary, "%s/temporary", directory);
  check(flock(lock_file, LOCK_EX) == 0, "flock");
  int old = open(path, O_RDONLY);
  struct stat status;
  fstat(old, &status);
  if (room < (size_t)status.st_size + entry_bytes) {
    room = 2 * status.st_size + entry_bytes;
    text = realloc(text, room);
  }
  check(read(old, text, status.st_size) == status.st_size, "read");
  close(old);
  memcpy(text + status.st_size, entry, entry_bytes);
  int file = open(temporary, O_RDWR | O_CREAT | O_TRUNC, 0640);
  ssize_t length = status.st_size + entry_bytes;
  check(write(file, text, length) == length, "write");
  check(fsync(file) == 0, "fsync");
  close(file);
  check(rename(temporary, path) == 0, "rename");
  int folder = open(directory, O_RDONLY | O_DIRECTORY);
  check(fsync(folder) == 0, "fsync");
  close(folder);
  flock(lock_file, LOCK_UN);
}

static void commit_append(void) {
  check(flock(lock_file, LOCK_EX) == 0, "flock");
  check(write(log_file, entry, entry_bytes) == entry_bytes, "write");
  check(fdatasync(log_file) == 0, "fdatasync");
  flock(lock_file, LOCK_UN);
}

static const struct kind {
  const char *name;
  void (*open)(void), (*prefill)(long), (*commit)(void);
} kinds[] = {
  {"sqlite", open_sqlite, prefill_sqlite, commit_sqlite},
  {"lmdb", open_lmdb, put_lmdb, commit_lmdb},
  {"rename", open_files, prefill_file, commit_rename},
  {"append", open_files, prefill_file, commit_append},
};

struct results {
  long count;
  uint32_t microseconds[max_samples];
};

static int compare(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return (a > b) - (a < b);
}

int main(int count, char **arguments) {
  if (count != 6) {
    fprintf(stderr, "usage: peers sqlite|lmdb|rename|append DIRECTORY PROCESSES SECONDS PREFILL\n");
    return 64;
  }
  const struct kind *kind = NULL;
  for (size_t index = 0; index < sizeof kinds / sizeof *kinds; index++) {
    if (strcmp(kinds[index].name, arguments[1]) == 0) kind = &kinds[index];
  }
  if (kind == NULL) return 64;
  directory = arguments[2];
  int processes = atoi(arguments[3]);
  double seconds = atof(arguments[4]);
  mkdir(directory, 0750);
  snprintf(path, sizeof path, "%s/data", directory);
  memset(entry, 'x', entry_bytes);
  entry[0] = '"', entry[entry_bytes - 2] = '"', entry[entry_bytes - 1] = '\n';
  pid_t filler = fork();
  if (filler == 0) {
    kind->open();
    kind->prefill(atol(arguments[5]));
    _exit(0);
  }
  int status;
  waitpid(filler, &status, 0);
  check(status == 0, "prefill");
  struct results *results =
    mmap(NULL, sizeof *results, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int64_t start = now() + 300000000, end = start + (int64_t)(seconds * 1e9);
  for (int index = 0; index < processes; index++) {
    if (fork() != 0) continue;
    kind->open();
    while (now() < start) usleep(500);
    for (int64_t before = now(); before < end;) {
      kind->commit();
      int64_t after = now();
      long slot = __atomic_fetch_add(&results->count, 1, __ATOMIC_RELAXED);
      if (slot < max_samples) results->microseconds[slot] = (after - before) / 1000;
      before = after;
    }
    _exit(0);
  }
  for (int index = 0; index < processes; index++) {
    wait(&status);
    check(status == 0, "a process failed");
  }
  long samples = results->count < max_samples ? results->count : max_samples;
  qsort(results->microseconds, samples, sizeof(uint32_t), compare);
  printf(
    "{\"commitsPerSecond\":%.1f,\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f}\n",
    results->count / seconds, results->microseconds[samples / 2] / 1e3,
    results->microseconds[samples * 99 / 100] / 1e3, results->microseconds[samples - 1] / 1e3);
}
