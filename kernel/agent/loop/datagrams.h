/* Datagrams over a stream: what comes to a UDP socket goes to the host, each behind its peer's address and its size
 * (protocol, `datagrams`), and what the host sends in the same form goes out. */
#pragma once
#include "base/queue.h"
#include "loop/loop.h"
#include "wire/stream.h"

struct datagrams {
  struct stream stream;
  struct watch watch;
  struct queue queue; /* from the host, until a datagram is whole */
  /* What its owner has beside it; NULL: nothing. The memory goes after it: `datagrams` is first in it. */
  void (*closing)(struct datagrams *datagrams);
};

/* `datagrams` and `socket` belong to the stream from here on. */
void datagrams_begin(struct datagrams *datagrams, uint32_t id, int socket, const struct writer *reply);
