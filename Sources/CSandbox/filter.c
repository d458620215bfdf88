#include "filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#endif

#ifdef NATIVE

// Numbers from 424 on are the same on every architecture; older headers lack some.
enum {
  NR_pidfd_send_signal = 424,
  NR_io_uring_setup = 425,
  NR_io_uring_enter = 426,
  NR_io_uring_register = 427,
  NR_open_tree = 428,
  NR_move_mount = 429,
  NR_fsopen = 430,
  NR_fsconfig = 431,
  NR_fsmount = 432,
  NR_fspick = 433,
  NR_pidfd_open = 434,
  NR_clone3 = 435,
  NR_pidfd_getfd = 438,
  NR_process_madvise = 440,
  NR_mount_setattr = 442,
  NR_quotactl_fd = 443,
  NR_process_mrelease = 448,
  NR_fchmodat2 = 452,
  NR_setxattrat = 463,
  NR_removexattrat = 466,
  NR_open_tree_attr = 467,
  NR_file_setattr = 469,
};

// Answered with ENOSYS, so that libraries fall back: glibc to clone, whose flags the filter can read.
static const uint32_t unknown[] = {NR_clone3, NR_io_uring_setup, NR_io_uring_enter, NR_io_uring_register};

// Answered with EPERM.
static const uint32_t refused[] = {
    // The network, also over descriptors that were left open.
    __NR_socket, __NR_socketpair, __NR_connect, __NR_bind, __NR_listen, __NR_accept, __NR_accept4, __NR_sendto,
    __NR_sendmsg, __NR_sendmmsg,
    // Other programs and processes. fork and vfork exist on x86-64 only.
    __NR_execve, __NR_execveat,
#ifdef __NR_fork
    __NR_fork, __NR_vfork,
#endif
    __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_kcmp, __NR_tkill, __NR_rt_sigqueueinfo,
    __NR_rt_tgsigqueueinfo, NR_pidfd_open, NR_pidfd_getfd, NR_pidfd_send_signal, NR_process_madvise,
    NR_process_mrelease, __NR_setrlimit, __NR_setns, __NR_unshare,
    // What Landlock does not see: sizes and facts of files anywhere, by path.
    __NR_truncate, __NR_fchmodat, NR_fchmodat2, __NR_fchownat, __NR_fchown, __NR_setxattr, __NR_lsetxattr,
    __NR_removexattr, __NR_lremovexattr, NR_setxattrat, NR_removexattrat, NR_file_setattr, __NR_mknodat,
#ifdef __NR_chmod
    __NR_chmod, __NR_chown, __NR_lchown, __NR_utime, __NR_utimes, __NR_futimesat, __NR_mknod,
#endif
    // File systems.
    __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, NR_open_tree, NR_open_tree_attr, NR_move_mount, NR_fsopen,
    NR_fsconfig, NR_fsmount, NR_fspick, NR_mount_setattr, __NR_swapon, __NR_swapoff, __NR_quotactl, NR_quotactl_fd,
    __NR_name_to_handle_at, __NR_open_by_handle_at, __NR_fanotify_init,
    // The kernel itself.
    __NR_bpf, __NR_perf_event_open, __NR_add_key, __NR_request_key, __NR_keyctl, __NR_userfaultfd, __NR_kexec_load,
    __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_reboot, __NR_acct, __NR_syslog, __NR_personality,
    __NR_settimeofday, __NR_clock_settime, __NR_adjtimex, __NR_clock_adjtime, __NR_sethostname, __NR_setdomainname,
    __NR_vhangup,
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
#ifdef __NR_iopl
    __NR_iopl, __NR_ioperm, __NR_modify_ldt,
#endif
};

enum { COUNT = sizeof(refused) / sizeof(*refused), UNKNOWN_COUNT = sizeof(unknown) / sizeof(*unknown) };

#define LOW(index) (uint32_t)offsetof(struct seccomp_data, args[index])
#define HIGH(index) (LOW(index) + 4)
#define ANSWER(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

int ferry_filter_install(void) {
  uint32_t self = (uint32_t)getpid();
  struct sock_filter program[2 * (COUNT + UNKNOWN_COUNT) + 40];
  unsigned short length = 0;
#define ADD(...)                                                                             \
  do {                                                                                       \
    const struct sock_filter lines[] = {__VA_ARGS__};                                        \
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) program[length++] = lines[i]; \
  } while (0)

  // The numbers below mean something else on any other architecture.
  ADD(LOAD(offsetof(struct seccomp_data, arch)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE, 1, 0), KILL);
  ADD(LOAD(offsetof(struct seccomp_data, nr)));
#ifdef __x86_64__
  ADD(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), KILL);  // x32
#endif
  for (size_t i = 0; i < COUNT; i++) ADD(UNLESS(refused[i], 1), ANSWER(EPERM));
  for (size_t i = 0; i < UNKNOWN_COUNT; i++) ADD(UNLESS(unknown[i], 1), ANSWER(ENOSYS));
  // Threads, but no processes.
  ADD(UNLESS(__NR_clone, 4), LOAD(LOW(0)), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1), ALLOW,
      ANSWER(EPERM));
  // Signals to itself: abort needs one.
  ADD(UNLESS(__NR_kill, 4), LOAD(LOW(0)), UNLESS(self, 1), ALLOW, ANSWER(EPERM));
  ADD(UNLESS(__NR_tgkill, 4), LOAD(LOW(0)), UNLESS(self, 1), ALLOW, ANSWER(EPERM));
  // Asking for a limit, but not setting one, which root could do even upwards.
  ADD(UNLESS(__NR_prlimit64, 6), LOAD(LOW(2)), UNLESS(0, 3), LOAD(HIGH(2)), UNLESS(0, 1), ALLOW, ANSWER(EPERM));
  ADD(ALLOW);

  struct sock_fprog wrapped = {.len = length, .filter = program};
  long answer = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &wrapped);
  if (answer < 0) return errno;
  return answer > 0 ? EBUSY : 0;  // a thread that could not follow
}

#else

int ferry_filter_install(void) { return ENOSYS; }

#endif
