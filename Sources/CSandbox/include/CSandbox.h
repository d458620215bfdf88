#ifndef FERRY_CSANDBOX_H
#define FERRY_CSANDBOX_H

// What Swift cannot say: variadic prctl(2) and syscall(2), kernel structures newer than Debian 12's headers, a BPF
// program, a signal handler, and a child between fork and _exit. Everything else about the sandbox is Swift.

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// Landlock's version in the running kernel, or a negative errno where it is missing or switched off.
int ferry_landlock_abi(void);

/// A new rule set that forbids what is not allowed by a rule, as far as `abi` can; a descriptor or a negative errno.
int ferry_landlock_create(int abi);

/// Allows reading below `path`, which may be a file, and writing too if `writable`; 0 or a negative errno.
int ferry_landlock_allow(int ruleset_fd, const char *path, bool writable, int abi);

/// One limit of setrlimit(2); `soft` is where the process is told or stopped, `hard` what it can never exceed.
struct ferry_limit {
  int resource;
  uint64_t soft;
  uint64_t hard;
};

/// What a process is shut into. Everything is prepared before, so that entering is a handful of system calls.
struct ferry_sandbox {
  const struct ferry_limit *limits;
  int limit_count;
  bool no_new_privileges;
  /// A finished rule set, or -1.
  int ruleset_fd;
  bool seccomp;
};

/// 0 for a layer that holds, else the errno that the kernel answered.
struct ferry_sandbox_result {
  int limits;
  int no_new_privileges;
  int landlock;
  int seccomp;
};

/// Shuts the calling process in, for good: what it starts later is inside too.
struct ferry_sandbox_result ferry_sandbox_enter(const struct ferry_sandbox *box);

/// Things that a process tries, to prove that a layer holds.
enum ferry_attempt {
  FERRY_READ,
  FERRY_WRITE,
  FERRY_TRUNCATE,
  FERRY_SOCKET,
  FERRY_CONNECT,
  FERRY_EXEC,
  FERRY_FORK,
  FERRY_TRACE,
  FERRY_SIGNAL,
  FERRY_RAISE_LIMIT,
  FERRY_MAP_MEMORY,
  FERRY_GROW_FILE,
  FERRY_OPEN_MANY,
  FERRY_BURN_CPU,
  FERRY_GAIN_PRIVILEGES,
};

/// Enters `box` in a forked child, tries one thing there and returns the child's status as waitpid(2) gives it.
/// The child exits with 0 when the thing succeeded, else with its errno, or 255 when a layer could not be entered.
/// `path` and `amount` mean what the attempt needs. Only async-signal-safe calls happen in the child.
int ferry_sandbox_try(const struct ferry_sandbox *box, enum ferry_attempt attempt, const char *path, uint64_t amount);

/// SIGKILL for this process when the thread that started it is gone.
int ferry_die_with_parent(void);

/// No core file, and no reading of this process' memory by others of the same user.
int ferry_deny_dumps(void);

/// Writes each SIGTERM and SIGINT as one byte to `descriptor`; the third one kills the process as it would have.
/// Returns 0 or a negative errno.
int ferry_signals_watch(int descriptor);

/// Puts back what was there before `ferry_signals_watch`.
void ferry_signals_restore(void);

/// A started process: `socket` leads to its standard input and output, `errors` and `note` are memory that it writes its
/// standard error and descriptor 3 to.
struct ferry_reader {
  pid_t process;
  int socket;
  int errors;
  int note;
};

/// Starts the program `arguments[0]` with no other descriptors than these; 0 or a negative errno.
int ferry_reader_start(char *const arguments[], char *const environment[], struct ferry_reader *reader);

/// Returns when the other end of `socket` is closed.
void ferry_wait_for_end(int socket);

/// What waitpid(2) said, taken apart: macros stay in C.
bool ferry_status_exited(int status);
int ferry_status_code(int status);
int ferry_status_signal(int status);

#endif
