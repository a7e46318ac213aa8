/* A verb that runs on a thread of its own and streams: it waits for the host to make room, and for what the host sends,
 * and nobody else waits for it. */
#pragma once
#include "base/fail.h"
#include "base/record.h"
#include <stdbool.h>

struct flow;
/* Runs without the lock. Once it has replied and returns 0 the stream is closed, or reset with the failure. */
typedef int (*flow_call)(struct flow *flow, const void *spec, struct failure *failure);

/* Decodes the request and starts the thread. */
int flow_open(uint32_t id, struct bytes payload, const struct shape *shape, flow_call run, struct failure *failure);

void flow_reply(struct flow *flow, const struct writer *record);
/* Sends bytes, some later. False: the host has reset the stream. */
bool flow_write(struct flow *flow, const void *from, size_t size);
/* Sends what was held back, and the end. */
bool flow_end(struct flow *flow);
/* Up to `room` bytes from the host: the count, 0 at the end, -1 when it has reset the stream. */
long flow_read(struct flow *flow, void *to, uint32_t room);
