#include "idle.h"
#include "delete.h"
#include "spare.h"
#include "sys.h"
#include "thread.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A command that is under way is done by then, even on a slow machine. */
enum { quiet_seconds = 1, removals_max = 64 };

struct removal {
  struct removal *next;
  char *upper, *work, *merged;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t disturbed = PTHREAD_COND_INITIALIZER;
static unsigned disturbances, removals;
static struct removal *first, **last = &first;
static bool running, parked;

static void free_removal(struct removal *removal) {
  free(removal->upper);
  free(removal->work);
  free(removal->merged);
  free(removal);
}

bool idle_remove(const char *upper, const char *work, const char *merged) {
  struct removal *removal = calloc(1, sizeof *removal);
  if (removal == NULL) return false;
  *removal = (struct removal){NULL, strdup(upper), strdup(work), strdup(merged)};
  pthread_mutex_lock(&lock);
  bool taken =
      running && removals < removals_max && removal->upper != NULL && removal->work != NULL && removal->merged != NULL;
  if (taken) {
    *last = removal;
    last = &removal->next;
    removals++;
  }
  pthread_mutex_unlock(&lock);
  if (!taken) free_removal(removal);
  return taken;
}

static bool remove_one(void) {
  struct failure failure;
  pthread_mutex_lock(&lock);
  struct removal *removal = first;
  if (removal != NULL) {
    first = removal->next;
    if (first == NULL) last = &first;
    removals--;
  }
  pthread_mutex_unlock(&lock);
  if (removal == NULL) return false;
  if (delete_folders(removal->upper, removal->work, removal->merged, &failure) < 0) {
    sys_write(2, failure.message, strlen(failure.message));
    sys_write(2, "\n", 1);
  }
  free_removal(removal);
  return true;
}

static bool undisturbed(unsigned since) {
  pthread_mutex_lock(&lock);
  bool same = disturbances == since;
  pthread_mutex_unlock(&lock);
  return same;
}

static unsigned wait_for_quiet(void) {
  const long pause[2] = {quiet_seconds, 0};
  unsigned since;
  do {
    pthread_mutex_lock(&lock);
    since = disturbances;
    pthread_mutex_unlock(&lock);
    SYS(SYS_nanosleep, pause, NULL);
  } while (!undisturbed(since));
  return since;
}

static void park(unsigned since) {
  pthread_mutex_lock(&lock);
  parked = true;
  while (disturbances == since)
    pthread_cond_wait(&disturbed, &lock);
  parked = false;
  pthread_mutex_unlock(&lock);
}

static void *work(void *argument) {
  (void)argument;
  for (;;) {
    unsigned since = wait_for_quiet();
    while (undisturbed(since) && (remove_one() || spare_close_one() || spare_make_one()))
      ;
    if (undisturbed(since)) park(since);
  }
  return NULL;
}

void idle_disturb(void) {
  pthread_mutex_lock(&lock);
  disturbances++;
  if (!running) running = thread_start(work, NULL) == 0;
  if (parked) pthread_cond_signal(&disturbed);
  pthread_mutex_unlock(&lock);
}
