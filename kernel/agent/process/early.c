#include "process/early.h"
#include "base/sys.h"
#include "base/text.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "process/process.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/timerfd.h>

/* On the CPU, by all of the container's processes: what a tenth of a second does on a real machine. The guest's clock
 * goes on while its host is busy with something else. */
enum { young_microseconds = 8000000, look_nanoseconds = 10000000 };
/* In so many looks on end nobody had anything to do: one alone may have missed who was born during it. */
enum { looks_at_rest = 3 };

static struct process *waiting;

static void look(struct watch *watch, uint32_t events);
static struct watch timer = {.fd = -1, .ready = look};

static bool read_file(const char *path, char *text, size_t room) {
  int file = sys_open(AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return false;
  long got = sys_read(file, text, room - 1);
  sys_close(file);
  text[got > 0 ? got : 0] = '\0';
  return got > 0;
}

/* What follows `label` in a text of "Label:\tvalue" lines; "" where it is not there. */
static const char *value_of(const char *text, const char *label) {
  const char *at = strstr(text, label);
  return at == NULL ? "" : at + strlen(label);
}

static uint64_t hexadecimal(const char *text) {
  uint64_t value = 0;
  for (;; text++) {
    int digit = *text >= '0' && *text <= '9' ? *text - '0' : *text >= 'a' && *text <= 'f' ? *text - 'a' + 10 : -1;
    if (digit < 0) return value;
    value = value << 4 | (uint64_t)digit;
  }
}

/* On the CPU, or waiting for a disk: what anybody else waits for is not known to come. */
static bool works(const char *status) {
  char state = *value_of(status, "\nState:\t");
  return state == 'R' || state == 'D';
}

/* Whether one of the cgroup's processes, of the first few hundred, has something to do. */
static bool anybody_works(const char *cgroup) {
  char processes[2048], path[48], status[1024];
  int file = cgroup_open(cgroup, "cgroup.procs", O_RDONLY);
  if (file < 0) return false;
  long got = sys_read(file, processes, sizeof processes - 1);
  sys_close(file);
  unsigned pid = 0;
  for (long i = 0; i < got; i++) {
    if (processes[i] != '\n') {
      pid = pid * 10 + (unsigned)(processes[i] - '0');
      continue;
    }
    text_format(path, sizeof path, "/proc/%u/status", pid);
    if (read_file(path, status, sizeof status) && works(status)) return true;
    pid = 0;
  }
  return false;
}

static bool is_first(const char *status) {
  const char *pids = value_of(status, "\nNSpid:\t");
  size_t length = strcspn(pids, "\n");
  return length >= 2 && pids[length - 1] == '1' && pids[length - 2] == '\t';
}

static bool is_grown(struct process *init, const char *status) {
  const char *cgroup = init->container->cgroup;
  if (*cgroup == '\0' || !is_first(status)) return true;
  init->at_rest = works(status) || anybody_works(cgroup) ? 0 : init->at_rest + 1;
  if (init->at_rest >= looks_at_rest) return true;
  return cgroup_count(cgroup, "cpu.stat", "usage_usec") >= young_microseconds;
}

/* Of `signals` (bit n - 1 is signal n) those that would be lost now, and might not be in a moment. */
static uint64_t too_early(struct process *init, uint64_t signals) {
  char path[48], status[2048];
  if (init->grown) return 0;
  text_format(path, sizeof path, "/proc/%d/status", init->pid);
  if (!read_file(path, status, sizeof status)) return 0;
  uint64_t noticed = hexadecimal(value_of(status, "\nSigBlk:\t")) | hexadecimal(value_of(status, "\nSigIgn:\t")) |
                     hexadecimal(value_of(status, "\nSigCgt:\t"));
  signals &= ~noticed;
  if (signals == 0) return 0;
  init->grown = is_grown(init, status);
  return init->grown ? 0 : signals;
}

static void look_again(bool wanted) {
  if (timer.fd < 0) timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct itimerspec every = {{0, wanted ? look_nanoseconds : 0}, {0, wanted ? look_nanoseconds : 0}};
  timerfd_settime(timer.fd, 0, &every, NULL);
  loop_want(&timer, wanted ? EPOLLIN : 0);
}

static void look(struct watch *watch, uint32_t events) {
  uint64_t ticks;
  (void)events;
  sys_read(watch->fd, &ticks, sizeof ticks);
  for (struct process **at = &waiting; *at != NULL;) {
    struct process *init = *at;
    uint64_t due = init->early & ~too_early(init, init->early);
    for (int signal = 1; signal < 32; signal++)
      if ((due >> (signal - 1) & 1) != 0) SYS(SYS_kill, init->pid, signal);
    init->early &= ~due;
    if (init->early == 0)
      *at = init->next_early;
    else
      at = &init->next_early;
  }
  if (waiting == NULL) look_again(false);
}

bool early_hold(struct process *init, int signal) {
  if (init->grown || signal < 1 || signal > 31) return false;
  if (signal == SIGKILL || signal == SIGSTOP || signal == SIGCONT) return false;
  uint64_t bit = 1ull << (signal - 1);
  if (too_early(init, bit) == 0) return false;
  if (init->early == 0) {
    init->next_early = waiting;
    waiting = init;
    look_again(true);
  }
  init->early |= bit;
  return true;
}

void early_forget(struct process *init) {
  if (init->early == 0) return;
  init->early = 0;
  struct process **at = &waiting;
  while (*at != NULL && *at != init)
    at = &(*at)->next_early;
  if (*at != NULL) *at = init->next_early;
  if (waiting == NULL) look_again(false);
}
