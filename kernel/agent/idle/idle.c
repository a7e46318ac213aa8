#include "idle/idle.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "files/files.h"
#include "idle/spare_folders.h"
#include "idle/spare_network.h"
#include "idle/spare_overlay.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A command that is under way is done by then, even on a slow machine. */
enum { quiet_seconds = 1, removals_max = 64 };

struct removal {
  struct removal *next;
  char path[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t disturbed = PTHREAD_COND_INITIALIZER;
static unsigned disturbances, removals;
static struct removal *first, **last = &first;
static bool running, parked;

bool idle_remove(const char *path) {
  size_t size = strlen(path) + 1;
  struct removal *removal = malloc(sizeof *removal + size);
  if (removal == NULL) return false;
  removal->next = NULL;
  memcpy(removal->path, path, size);
  pthread_mutex_lock(&lock);
  bool taken = running && removals < removals_max;
  if (taken) {
    *last = removal;
    last = &removal->next;
    removals++;
  }
  pthread_mutex_unlock(&lock);
  if (!taken) free(removal);
  return taken;
}

/* Nobody is there to be told; the kernel's console has it. */
static void say(const char *path, int error) {
  char line[files_path_max + 64];
  size_t size = text_format(line, sizeof line, "agent: remove %s: %E\n", path, error);
  sys_write(2, line, size);
}

static bool remove_one(void) {
  pthread_mutex_lock(&lock);
  struct removal *removal = first;
  if (removal != NULL) {
    first = removal->next;
    if (first == NULL) last = &first;
    removals--;
  }
  pthread_mutex_unlock(&lock);
  if (removal == NULL) return false;
  int result = files_remove_tree(AT_FDCWD, removal->path);
  if (result < 0) say(removal->path, -result);
  free(removal);
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
    while (undisturbed(since) && (remove_one() || spare_network_close_one() || spare_overlay_close_one() ||
                                  spare_network_make_one() || spare_folders_make_one() || spare_overlay_make_one()))
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
