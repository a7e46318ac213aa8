#include "wire/request.h"
#include "base/thread.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include "wire/stream.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { max_workers = 8 };

struct job {
  struct job *next;
  uint32_t id;
  const struct verb *verb;
  struct arena arena;
  union any_spec spec;
};

static const struct verb *verbs;
static uint16_t verb_count;

static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t queue_filled = PTHREAD_COND_INITIALIZER;
static struct job *queue_head, **queue_tail = &queue_head;
static unsigned workers, idle_workers, waiting_jobs;
/* Guarded by the channel's lock. */
static unsigned jobs;

static void answer(uint32_t id, int result, const struct writer *reply, struct failure *failure) {
  if (result == 0 && reply->full) result = fail(failure, EMSGSIZE, "reply", "the answer is larger than a frame");
  if (result < 0)
    reply_failure(id, failure);
  else
    reply_record(id, reply);
}

static void run_job(struct job *job, uint8_t *payload) {
  struct writer reply = {payload, payload, payload + DD_MAX_PAYLOAD_BYTES, false};
  struct failure failure;
  int result = job->verb->answer(&job->spec, &reply, &failure);
  arena_free(&job->arena);
  channel_lock();
  answer(job->id, result, &reply, &failure);
  if (--jobs == 0) channel_wake();
  channel_unlock();
  free(job);
}

static void *work(void *argument) {
  uint8_t *payload = malloc(DD_MAX_PAYLOAD_BYTES);
  (void)argument;
  if (payload == NULL) return NULL;
  pthread_mutex_lock(&queue_lock);
  for (;;) {
    while (queue_head == NULL) {
      idle_workers++;
      pthread_cond_wait(&queue_filled, &queue_lock);
      idle_workers--;
    }
    struct job *job = queue_head;
    queue_head = job->next;
    if (queue_head == NULL) queue_tail = &queue_head;
    waiting_jobs--;
    pthread_mutex_unlock(&queue_lock);
    run_job(job, payload);
    pthread_mutex_lock(&queue_lock);
  }
  return NULL;
}

/* A worker may wait long for a file that TypeScript still fetches; another one takes the next job then. */
static void add_worker(void) {
  if (workers < max_workers && thread_start(work, NULL) == 0) workers++;
}

static void enqueue(struct job *job) {
  jobs++;
  pthread_mutex_lock(&queue_lock);
  *queue_tail = job;
  queue_tail = &job->next;
  /* An idle worker that was called for the job before may not have woken yet: it is not there for this one too. */
  if (++waiting_jobs > idle_workers)
    add_worker();
  else
    pthread_cond_signal(&queue_filled);
  pthread_mutex_unlock(&queue_lock);
}

void request_wait_idle(void) {
  while (jobs > 0)
    channel_wait();
}

static int malformed(struct failure *failure, uint16_t kind) {
  return fail(failure, EPROTO, "decode", "malformed request of kind %u", kind);
}

static int start_job(uint32_t id, const struct verb *verb, uint16_t kind, struct bytes payload,
                     struct failure *failure) {
  struct job *job = calloc(1, sizeof *job);
  if (job == NULL) return fail(failure, ENOMEM, "decode", "no memory for a request");
  job->id = id;
  job->verb = verb;
  if (record_decode(verb->shape, payload, &job->arena, &job->spec) < 0) {
    arena_free(&job->arena);
    free(job);
    return malformed(failure, kind);
  }
  enqueue(job);
  return 0;
}

static int answer_now(uint32_t id, const struct verb *verb, uint16_t kind, struct bytes payload,
                      struct failure *failure) {
  uint8_t buffer[512];
  struct writer reply = {buffer, buffer, buffer + sizeof buffer, false};
  struct arena arena = {0};
  union any_spec spec;
  int result = record_decode(verb->shape, payload, &arena, &spec) < 0 ? malformed(failure, kind)
                                                                      : verb->answer(&spec, &reply, failure);
  arena_free(&arena);
  if (result == 0) reply_record(id, &reply);
  return result;
}

static void open_request(uint32_t id, uint16_t kind, struct bytes payload) {
  struct failure failure;
  int result;
  const struct verb *verb = kind < verb_count ? &verbs[kind] : &verbs[0];
  if (verb->open != NULL)
    result = verb->open(id, payload, &failure);
  else if (verb->flow != NULL)
    result = flow_open(id, payload, verb->shape, verb->flow, &failure);
  else if (verb->answer == NULL)
    result = fail(&failure, ENOSYS, "open", "no request of kind %u", kind);
  else if (verb->slow)
    result = start_job(id, verb, kind, payload, &failure);
  else
    result = answer_now(id, verb, kind, payload, &failure);
  if (result < 0) reply_failure(id, &failure);
}

void request_serve(const struct verb *table, uint16_t count) {
  verbs = table;
  verb_count = count;
  stream_serve(open_request);
}
