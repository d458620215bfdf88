#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filter.h"

#ifndef __NR_landlock_restrict_self
#define __NR_landlock_restrict_self 446
#endif

struct ferry_sandbox_result ferry_sandbox_enter(const struct ferry_sandbox *box) {
  struct ferry_sandbox_result result = {0};
  for (int i = 0; i < box->limit_count; i++) {
    struct rlimit now, wanted = {.rlim_cur = box->limits[i].soft, .rlim_max = box->limits[i].hard};
    // A limit that is tighter already stays.
    if (getrlimit(box->limits[i].resource, &now) == 0 && now.rlim_max < wanted.rlim_max) {
      wanted.rlim_max = now.rlim_max;
      if (wanted.rlim_cur > now.rlim_max) wanted.rlim_cur = now.rlim_max;
    }
    if (setrlimit(box->limits[i].resource, &wanted) != 0) result.limits = errno;
  }
  // Both layers below need it, unless the process is privileged, which it must not count on.
  if (box->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) result.no_new_privileges = errno;
  if (box->ruleset_fd >= 0 && syscall(__NR_landlock_restrict_self, box->ruleset_fd, 0) != 0) result.landlock = errno;
  if (box->seccomp) result.seccomp = ferry_filter_install();
  return result;
}

static int code(long result) { return result < 0 ? errno : 0; }

static int open_and_close(const char *path, int flags) {
  int descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) return errno;
  close(descriptor);
  return 0;
}

static int attempt_it(enum ferry_attempt attempt, const char *path, uint64_t amount, pid_t parent) {
  switch (attempt) {
    case FERRY_READ: return open_and_close(path, O_RDONLY);
    case FERRY_WRITE: return open_and_close(path, O_WRONLY | O_CREAT);
    case FERRY_TRUNCATE: return code(truncate(path, 0));
    case FERRY_SOCKET: return code(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    case FERRY_CONNECT: {
      // To itself, port 9: with a network it is refused by nobody being there, and that is a success of the attempt.
      struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(9)};
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (descriptor < 0) return errno;
      return connect(descriptor, (struct sockaddr *)&address, sizeof(address)) != 0 && errno != ECONNREFUSED ? errno
                                                                                                             : 0;
    }
    case FERRY_EXEC: {
      char *const arguments[] = {(char *)path, NULL}, *const environment[] = {NULL};
      execve(path, arguments, environment);
      return errno;
    }
    case FERRY_FORK: {
      long child = syscall(__NR_clone, SIGCHLD, 0, 0, 0, 0);
      if (child == 0) _exit(0);
      if (child > 0) waitpid((pid_t)child, NULL, 0);
      return code(child);
    }
    case FERRY_TRACE: return code(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
    case FERRY_SIGNAL: return code(kill(parent, 0));
    case FERRY_RAISE_LIMIT: {
      struct rlimit limit;
      if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return errno;
      return code(setrlimit(RLIMIT_NOFILE, &limit));
    }
    case FERRY_MAP_MEMORY: {
      void *memory = mmap(NULL, amount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      return memory == MAP_FAILED ? errno : 0;
    }
    case FERRY_GROW_FILE: {
      int descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
      return descriptor < 0 ? errno : code(ftruncate(descriptor, (off_t)amount));
    }
    case FERRY_OPEN_MANY:
      for (uint64_t i = 0; i < amount; i++)
        if (open(path, O_RDONLY | O_CLOEXEC) < 0) return errno;
      return 0;
    case FERRY_BURN_CPU: {
      struct rusage used;
      do getrusage(RUSAGE_SELF, &used);
      while ((uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) < amount);
      return 0;
    }
    case FERRY_GAIN_PRIVILEGES: return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EPERM : 0;
  }
  return EINVAL;
}

int ferry_sandbox_try(const struct ferry_sandbox *box, enum ferry_attempt attempt, const char *path, uint64_t amount) {
  pid_t parent = getpid();
  pid_t child = fork();
  if (child < 0) return -errno;
  if (child == 0) {
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);  // a limit's signal must leave no core file
    sigset_t none;  // threads of libdispatch block signals
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGXFSZ, SIG_DFL);
    struct ferry_sandbox_result entered = ferry_sandbox_enter(box);
    if (entered.limits || entered.no_new_privileges || entered.landlock || entered.seccomp) _exit(255);
    _exit(attempt_it(attempt, path, amount, parent));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return -errno;
  return status;
}

int ferry_die_with_parent(void) { return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ? -errno : 0; }

int ferry_deny_dumps(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ? -errno : 0; }

bool ferry_status_exited(int status) { return WIFEXITED(status); }
int ferry_status_code(int status) { return WEXITSTATUS(status); }
int ferry_status_signal(int status) { return WTERMSIG(status); }
