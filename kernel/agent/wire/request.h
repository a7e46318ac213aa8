/* Requests: streams that the host opens, and who answers which kind. */
#pragma once
#include "base/fail.h"
#include "base/record.h"
#include "wire/flow.h"
#include <stdbool.h>

/* Verbs that answer once: decode, run, reply. Slow ones run on a worker thread without the lock. */
typedef int (*answer_call)(void *spec, struct writer *reply, struct failure *failure);
/* Verbs that keep their stream, or answer later. On failure the caller resets the stream. */
typedef int (*open_call)(uint32_t id, struct bytes payload, struct failure *failure);

struct verb {
  open_call open; /* or: */
  flow_call flow; /* or: */
  answer_call answer;
  const struct shape *shape; /* what the spec of a flow or an answer is decoded by */
  bool slow;
};

/* `verbs[kind]`; kind 0 is none. */
void request_serve(const struct verb *verbs, uint16_t count);
/* Waits, with the lock held, until no job runs. */
void request_wait_idle(void);
