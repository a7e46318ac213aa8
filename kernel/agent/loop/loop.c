#include "loop/loop.h"
#include "base/sys.h"
#include "wire/channel.h"
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { batch_events = 64, always_max = 64 };
/* Small reads no further apart than burst_gap are a burst; after its first few the loop rests before it reads again. */
enum { burst_start = 4, burst_gap = 5000000, rest_nanoseconds = 2000000 };

static int epoll = -1;
static int waker = -1;
/* Watches on files that epoll refuses. */
static struct watch *always[always_max];
static unsigned always_count;
static struct grave { struct grave *next; } * graves;
static unsigned burst;
static int64_t last_small_read;
static bool rest_wanted;

static void waker_ready(struct watch *watch, uint32_t events) {
  uint64_t count;
  (void)events;
  sys_read(watch->fd, &count, sizeof count);
}
static struct watch waker_watch = {.fd = -1, .ready = waker_ready};

void loop_prepare(void) {
  epoll = (int)SYS(SYS_epoll_create1, EPOLL_CLOEXEC);
  waker = (int)SYS(SYS_eventfd2, 0, 02000000 | 04000 /* EFD_CLOEXEC | EFD_NONBLOCK */);
  waker_watch.fd = waker;
  loop_want(&waker_watch, EPOLLIN);
}

static void always_remove(struct watch *watch) {
  for (unsigned i = 0; i < always_count; i++)
    if (always[i] == watch) always[i] = always[--always_count];
}

static void always_add(struct watch *watch) {
  always_remove(watch);
  if (always_count == always_max) return;
  always[always_count++] = watch;
  uint64_t one = 1;
  sys_write(waker, &one, sizeof one);
}

void loop_want(struct watch *watch, uint32_t events) {
  if (watch->events == events || watch->fd < 0) return;
  struct epoll_event event = {.events = events, .data.ptr = watch};
  int operation = watch->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
  long result = SYS(SYS_epoll_ctl, epoll, operation, watch->fd, &event);
  if (result == -EPERM && events != 0)
    always_add(watch);
  else if (events == 0)
    always_remove(watch);
  watch->events = events;
}

void loop_close(struct watch *watch) {
  if (watch->fd < 0) return;
  loop_want(watch, 0);
  sys_close(watch->fd);
  watch->fd = -1;
}

void loop_free(void *memory) {
  struct grave *grave = memory;
  grave->next = graves;
  graves = grave;
}

static void bury(void) {
  while (graves != NULL) {
    struct grave *grave = graves;
    graves = grave->next;
    free(grave);
  }
}

static void dispatch(struct watch *watch, uint32_t events) {
  /* It may have been closed, or wants something else, since the event was fetched. */
  events &= watch->events | EPOLLHUP | EPOLLERR;
  if (watch->fd >= 0 && watch->events != 0 && events != 0) watch->ready(watch, events);
}

void loop_read_little(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  int64_t now = time.tv_sec * (int64_t)1000000000 + time.tv_nsec;
  burst = now - last_small_read < burst_gap ? burst + 1 : 0;
  last_small_read = now;
  rest_wanted = burst >= burst_start;
}

void loop_heard(void) {
  burst = 0;
}

static void rest(void) {
  const long time[2] = {0, rest_nanoseconds};
  SYS(SYS_nanosleep, time, NULL);
}

void loop_run(void) {
  struct epoll_event events[batch_events];
  for (;;) {
    long count = SYS(SYS_epoll_wait, epoll, events, batch_events, always_count > 0 ? 0 : -1);
    channel_lock();
    for (long i = 0; i < count; i++)
      dispatch(events[i].data.ptr, events[i].events);
    for (unsigned i = 0; i < always_count; i++)
      dispatch(always[i], always[i]->events);
    bury();
    bool tired = rest_wanted;
    rest_wanted = false;
    channel_unlock();
    if (tired) rest();
  }
}
