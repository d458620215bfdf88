#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "CSandbox.h"

static const int watched[] = {SIGTERM, SIGINT};
enum { COUNT = sizeof(watched) / sizeof(*watched) };

static struct sigaction before[COUNT];
static atomic_int sink = -1;
static atomic_int seen;

static void note(int number) {
  int error = errno;
  if (atomic_fetch_add(&seen, 1) >= 2) {
    // Whoever asks a third time is not being heard.
    signal(number, SIG_DFL);
    raise(number);
  }
  unsigned char byte = (unsigned char)number;
  ssize_t written = write(atomic_load(&sink), &byte, 1);
  (void)written;
  errno = error;
}

int ferry_signals_watch(int descriptor) {
  int none = -1;
  if (!atomic_compare_exchange_strong(&sink, &none, descriptor)) return -EBUSY;
  atomic_store(&seen, 0);
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < COUNT; i++)
    if (sigaction(watched[i], &action, &before[i]) != 0) return -errno;
  return 0;
}

void ferry_signals_restore(void) {
  for (int i = 0; i < COUNT; i++) sigaction(watched[i], &before[i], NULL);
  atomic_store(&sink, -1);
}
