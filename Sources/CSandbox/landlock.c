#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Our own copies: Debian 12 ships the headers of Linux 6.1, which know version 2 only.
// https://docs.kernel.org/userspace-api/landlock.html
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#endif
#ifndef __NR_landlock_add_rule
#define __NR_landlock_add_rule 445
#endif

struct ruleset {
  uint64_t files;
  uint64_t network;
  uint64_t scoped;
};

struct path_beneath {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));

enum {
  EXECUTE = 1 << 0,
  WRITE_FILE = 1 << 1,
  READ_FILE = 1 << 2,
  READ_DIR = 1 << 3,
  REMOVE_DIR = 1 << 4,
  REMOVE_FILE = 1 << 5,
  MAKE_CHAR = 1 << 6,
  MAKE_DIR = 1 << 7,
  MAKE_REG = 1 << 8,
  MAKE_SOCK = 1 << 9,
  MAKE_FIFO = 1 << 10,
  MAKE_BLOCK = 1 << 11,
  MAKE_SYM = 1 << 12,
  REFER = 1 << 13,
  TRUNCATE = 1 << 14,
  IOCTL_DEV = 1 << 15,
};

enum { VERSION_REQUEST = 1, RULE_PATH_BENEATH = 1, BIND_AND_CONNECT_TCP = 3, ABSTRACT_SOCKETS_AND_SIGNALS = 3 };

static uint64_t known(int abi) {
  uint64_t rights = (1 << 13) - 1;
  if (abi >= 2) rights |= REFER;
  if (abi >= 3) rights |= TRUNCATE;
  if (abi >= 5) rights |= IOCTL_DEV;
  return rights;
}

int ferry_landlock_abi(void) {
  long version = syscall(__NR_landlock_create_ruleset, NULL, 0, VERSION_REQUEST);
  return version < 0 ? -errno : (int)version;
}

int ferry_landlock_create(int abi) {
  struct ruleset rules = {.files = known(abi)};
  size_t size = sizeof(rules.files);
  if (abi >= 4) {
    rules.network = BIND_AND_CONNECT_TCP;
    size += sizeof(rules.network);
  }
  if (abi >= 6) {
    rules.scoped = ABSTRACT_SOCKETS_AND_SIGNALS;
    size += sizeof(rules.scoped);
  }
  long descriptor = syscall(__NR_landlock_create_ruleset, &rules, size, 0);
  return descriptor < 0 ? -errno : (int)descriptor;
}

int ferry_landlock_allow(int ruleset_fd, const char *path, bool writable, int abi) {
  int parent = open(path, O_PATH | O_CLOEXEC);
  if (parent < 0) return -errno;
  struct stat status;
  int result = fstat(parent, &status);
  // EXECUTE is never allowed; it speaks of execve and not of mapping a library.
  uint64_t rights = READ_FILE | READ_DIR;
  if (writable) rights |= WRITE_FILE | TRUNCATE | MAKE_REG | MAKE_DIR | REMOVE_FILE | REMOVE_DIR | REFER;
  // A rule on a file is refused when it speaks of folders.
  if (!S_ISDIR(status.st_mode)) rights &= READ_FILE | WRITE_FILE | TRUNCATE;
  struct path_beneath rule = {.allowed = rights & known(abi), .parent = parent};
  if (result == 0) result = (int)syscall(__NR_landlock_add_rule, ruleset_fd, RULE_PATH_BENEATH, &rule, 0);
  if (result != 0) result = -errno;
  close(parent);
  return result;
}
