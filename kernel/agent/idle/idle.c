#include "idle/idle.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "container/container.h"
#include "files/files.h"
#include "idle/spare_folders.h"
#include "idle/spare_network.h"
#include "idle/spare_overlay.h"
#include "wire/channel.h"
#include "wire/protocol.h"
#include "wire/stream.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A command that is under way is done by then, even on a slow machine. */
enum { quiet_seconds = 1, removals_max = 64 };

struct removal {
  struct removal *next;
  int error; /* of the last try, 0: none yet */
  char container[container_id_max];
  char path[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t disturbed = PTHREAD_COND_INITIALIZER;
static unsigned disturbances, removals; /* those that failed count: they are there */
static struct removal *first, **last = &first;
static struct removal *failed; /* tried again at the next rest */
static bool running, parked;

bool idle_remove(const char *path, const char *container) {
  size_t size = strlen(path) + 1;
  struct removal *removal = malloc(sizeof *removal + size);
  if (removal == NULL) return false;
  removal->next = NULL;
  removal->error = 0;
  text_format(removal->container, sizeof removal->container, "%s", container);
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

static void told(struct stream *stream) {
  stream_forget(stream);
  free(stream);
}

static void told_closed(struct stream *stream, struct bytes record) {
  (void)record;
  told(stream);
}

static const struct stream_calls calls = {.close = told_closed, .reset = told};

static void tell(const struct removal *removal, int error) {
  char message[files_path_max + 64];
  uint8_t buffer[files_path_max + container_id_max + 128];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  struct stream *stream = calloc(1, sizeof *stream);
  if (stream == NULL) return;
  text_format(message, sizeof message, "remove %s: %E", removal->path, error != 0 ? error : removal->error);
  write_string(&record, DD_TAG_TROUBLE_SPEC_CONTAINER, removal->container);
  write_string(&record, DD_TAG_TROUBLE_SPEC_MESSAGE, message);
  write_u32(&record, DD_TAG_TROUBLE_SPEC_ERROR, (uint32_t)(error != 0 ? error : removal->error));
  write_u32(&record, DD_TAG_TROUBLE_SPEC_OVER, error == 0);
  channel_lock();
  stream_open(stream, &calls, DD_AGENT_KIND_TROUBLE, &record);
  channel_unlock();
}

static struct removal *take_first(void) {
  pthread_mutex_lock(&lock);
  struct removal *removal = first;
  if (removal != NULL) {
    first = removal->next;
    if (first == NULL) last = &first;
  }
  pthread_mutex_unlock(&lock);
  return removal;
}

static void put_back(struct removal *removal) {
  pthread_mutex_lock(&lock);
  removal->next = failed;
  failed = removal;
  pthread_mutex_unlock(&lock);
}

static void forget(struct removal *removal) {
  pthread_mutex_lock(&lock);
  removals--;
  pthread_mutex_unlock(&lock);
  free(removal);
}

static bool remove_one(void) {
  struct removal *removal = take_first();
  if (removal == NULL) return false;
  int error = -files_remove_tree(AT_FDCWD, removal->path);
  /* Once for each way it fails, and once when it went well after all. */
  if (error != removal->error) tell(removal, error);
  if (error == 0) {
    forget(removal);
  } else {
    removal->error = error;
    put_back(removal);
  }
  return true;
}

/* What was in the way may be gone by now. */
static void retry_failed(void) {
  pthread_mutex_lock(&lock);
  if (failed != NULL) *last = failed;
  while (*last != NULL)
    last = &(*last)->next;
  failed = NULL;
  pthread_mutex_unlock(&lock);
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
    retry_failed();
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
