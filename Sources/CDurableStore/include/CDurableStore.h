// The system calls that Swift cannot import: variadic ones, and one behind a feature macro.
// Each returns -1 and sets errno as its man page says.
#ifndef C_DURABLE_STORE_H
#define C_DURABLE_STORE_H

#include <stdint.h>
#include <sys/types.h>

/// Waits until the word is no longer `expected`, at most `nanoseconds`; see futex(2).
int contest_futex_wait(const uint32_t *word, uint32_t expected, int64_t nanoseconds);

/// Wakes everybody who waits for the word, in every process; see futex(2).
int contest_futex_wake(const uint32_t *word);

/// Swaps two names in one step; see renameat2(2), RENAME_EXCHANGE.
int contest_exchange(const char *one, const char *other);

/// Takes a write lease, which succeeds only if nobody else has the file open; see fcntl(2).
int contest_take_lease(int descriptor);

#endif
