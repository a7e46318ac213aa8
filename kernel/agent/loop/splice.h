/* A socket and a stream: what one says is written to the other, as far as it makes room, and so is its end. */
#pragma once
#include "base/queue.h"
#include "loop/loop.h"
#include "wire/stream.h"
#include <stdbool.h>

struct splice {
  struct stream stream;
  struct watch watch;
  struct queue queue; /* towards the socket */
  const char *peer; /* for messages */
  bool closes; /* the stream ends by us, when both sides have said all; else the host closes it */
  bool read_ended; /* the socket has said all */
  bool end_wanted, write_ended; /* the host has said all; and the socket knows */
  bool closed; /* the host has closed the stream: only the queue is left */
};

/* NULL: no memory; the socket stays the caller's. `peer` must live as long. */
struct splice *splice_new(int socket, const char *peer, bool closes);
/* For the stream, which the caller accepts or opens. */
extern const struct stream_calls splice_calls;
/* Reads and writes from here on. */
void splice_begin(struct splice *splice);
/* What splice_new sets; who has to wait first puts it back. */
void splice_ready(struct watch *watch, uint32_t events);
/* Resets the stream and frees the splice. */
void splice_fail(struct splice *splice, const struct failure *failure);
