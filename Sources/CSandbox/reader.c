#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "CSandbox.h"

static int spawn(char *const arguments[], char *const environment[], int socket, struct ferry_reader *reader) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int code = posix_spawn_file_actions_init(&actions);
  if (code != 0) return -code;
  code = posix_spawnattr_init(&attributes);
  if (code != 0) {
    posix_spawn_file_actions_destroy(&actions);
    return -code;
  }
  // All others are closed by exec.
  const int ends[][2] = {{socket, 0}, {socket, 1}, {reader->errors, 2}, {reader->note, 3}};
  for (int i = 0; i < 4 && code == 0; i++) code = posix_spawn_file_actions_adddup2(&actions, ends[i][0], ends[i][1]);
  // Threads of libdispatch block signals, and a signal of the terminal is for the parent.
  sigset_t none, standard;
  sigemptyset(&none);
  sigemptyset(&standard);
  sigaddset(&standard, SIGPIPE);
  if (code == 0) code = posix_spawnattr_setsigmask(&attributes, &none);
  if (code == 0) code = posix_spawnattr_setsigdefault(&attributes, &standard);
  if (code == 0) code = posix_spawnattr_setpgroup(&attributes, 0);
  if (code == 0)
    code = posix_spawnattr_setflags(&attributes,
                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  if (code == 0) code = posix_spawn(&reader->process, arguments[0], &actions, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return -code;
}

int ferry_reader_start(char *const arguments[], char *const environment[], struct ferry_reader *reader) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -errno;
  reader->socket = ends[0];
  reader->errors = memfd_create("ferry-errors", MFD_CLOEXEC);
  reader->note = memfd_create("ferry-note", MFD_CLOEXEC);
  int code = reader->errors < 0 || reader->note < 0 ? -errno : spawn(arguments, environment, ends[1], reader);
  close(ends[1]);
  if (code == 0) return 0;
  close(reader->socket);
  if (reader->errors >= 0) close(reader->errors);
  if (reader->note >= 0) close(reader->note);
  return code;
}

void ferry_wait_for_end(int socket) {
  struct pollfd end = {.fd = socket, .events = 0};
  while (poll(&end, 1, -1) <= 0 || (end.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0) continue;
}
