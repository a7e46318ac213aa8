#include "process/deadline.h"
#include "base/sys.h"
#include "launch/launch.h"
#include <errno.h>
#include <signal.h>
#include <sys/timerfd.h>
#include <time.h>

enum { launch_seconds = 30 };

/* Nothing that a launching child does waits for long; whatever makes one wait all the same may keep neither its stream
 * nor its container. One timer, for the oldest: there is none to set where another launch has set it already. */
static void launches_late(struct watch *watch, uint32_t events);
static struct watch launch_timer = {.fd = -1, .ready = launches_late};

static int64_t seconds_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

static void wake_after(int64_t seconds) {
  if (launch_timer.fd < 0) launch_timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  struct itimerspec after = {.it_value = {.tv_sec = seconds}};
  timerfd_settime(launch_timer.fd, 0, &after, NULL);
  loop_want(&launch_timer, EPOLLIN);
}

void deadline_set(struct process *process) {
  process->launched = seconds_now();
  if (launch_timer.events == 0) wake_after(launch_seconds + 1);
}

static void give_up(struct process *process) {
  SYS(SYS_kill, process->pid, SIGKILL);
  process->launch->execs = false;
  fail(&process->launch->failure, ETIMEDOUT, "launch", "the process did not start within %u seconds", launch_seconds);
}

struct late {
  int64_t now, oldest;
};

static void look_at(struct process *process, void *context) {
  struct late *late = context;
  if (process->launch == NULL) return;
  if (late->now - process->launched > launch_seconds)
    give_up(process);
  else if (process->launched < late->oldest)
    late->oldest = process->launched;
}

static void launches_late(struct watch *watch, uint32_t events) {
  struct late late = {seconds_now(), INT64_MAX};
  (void)events;
  loop_want(watch, 0);
  process_each(look_at, &late);
  if (late.oldest != INT64_MAX) wake_after(late.oldest + launch_seconds + 1 - late.now);
}
