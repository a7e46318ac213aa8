#include "wire/flow.h"
#include "base/queue.h"
#include "base/thread.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include "wire/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { flows_max = 16, held_max = 60 * 1024 };

/* All but `held`, which is the thread's, is guarded by the channel's lock. */
struct flow {
  struct stream stream;
  struct queue input;
  bool input_ended, gone;
  flow_call run;
  struct arena arena;
  union any_spec spec;
  uint32_t held_size;
  uint8_t held[held_max];
};

static unsigned flows;

static void release(struct flow *flow) {
  arena_free(&flow->arena);
  queue_free(&flow->input);
  free(flow);
}

static void *work(void *argument) {
  struct flow *flow = argument;
  struct failure failure;
  int result = flow->run(flow, &flow->spec, &failure);
  channel_lock();
  if (!flow->gone && result < 0) stream_reset(&flow->stream, &failure);
  if (!flow->gone && result >= 0) stream_close(&flow->stream);
  flows--;
  channel_unlock();
  release(flow);
  return NULL;
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct flow *flow = (struct flow *)stream;
  (void)lane;
  if (queue_add(&flow->input, bytes) < 0) {
    struct failure failure;
    fail(&failure, ENOMEM, "flow", "no memory for what was sent");
    stream_reset(stream, &failure);
    flow->gone = true;
  }
  channel_wake();
}

static void ended(struct stream *stream, uint8_t lane) {
  (void)lane;
  ((struct flow *)stream)->input_ended = true;
  channel_wake();
}

static void room_grew(struct stream *stream) {
  (void)stream;
  channel_wake();
}

static void reset(struct stream *stream) {
  ((struct flow *)stream)->gone = true;
  channel_wake();
}

static const struct stream_calls calls = {.data = received, .end = ended, .room = room_grew, .reset = reset};

int flow_open(uint32_t id, struct bytes payload, const struct shape *shape, flow_call run, struct failure *failure) {
  if (flows >= flows_max) return fail(failure, EAGAIN, "flow", "more than %u streams at a time", flows_max);
  struct flow *flow = calloc(1, sizeof *flow);
  if (flow == NULL) return fail(failure, ENOMEM, "flow", "no memory");
  flow->run = run;
  if (record_decode(shape, payload, &flow->arena, &flow->spec) < 0) {
    release(flow);
    return fail(failure, EPROTO, "decode", "malformed request");
  }
  stream_accept(&flow->stream, id, &calls);
  int result = thread_start(work, flow);
  if (result < 0) {
    stream_forget(&flow->stream);
    release(flow);
    return fail(failure, result, "flow", "a thread: %E", -result);
  }
  flows++;
  return 0;
}

void flow_reply(struct flow *flow, const struct writer *record) {
  channel_lock();
  if (!flow->gone) stream_reply(&flow->stream, record);
  channel_unlock();
}

/* With the lock held, which is let go of meanwhile. */
static void wait_for_host(void) {
  channel_flush();
  channel_wait();
}

static bool send_held(struct flow *flow) {
  uint32_t sent = 0;
  channel_lock();
  while (sent < flow->held_size && !flow->gone) {
    uint32_t part = flow->held_size - sent;
    if (part > flow->stream.room) part = flow->stream.room;
    if (part == 0) {
      wait_for_host();
      continue;
    }
    channel_send(DD_FRAME_DATA, flow->stream.id, DD_LANE_MAIN, flow->held + sent, part);
    flow->stream.room -= part;
    sent += part;
  }
  flow->held_size = 0;
  bool there = !flow->gone;
  channel_unlock();
  return there;
}

bool flow_write(struct flow *flow, const void *from, size_t size) {
  const uint8_t *at = from;
  while (size > 0) {
    size_t part = held_max - flow->held_size < size ? held_max - flow->held_size : size;
    memcpy(flow->held + flow->held_size, at, part);
    flow->held_size += (uint32_t)part;
    at += part;
    size -= part;
    if (flow->held_size == held_max && !send_held(flow)) return false;
  }
  return true;
}

bool flow_end(struct flow *flow) {
  if (!send_held(flow)) return false;
  channel_lock();
  bool there = !flow->gone;
  if (there) channel_send(DD_FRAME_END, flow->stream.id, DD_LANE_MAIN, NULL, 0);
  channel_unlock();
  return there;
}

long flow_read(struct flow *flow, void *to, uint32_t room) {
  channel_lock();
  while (queue_count(&flow->input) == 0 && !flow->input_ended && !flow->gone)
    wait_for_host();
  uint32_t size = queue_count(&flow->input);
  if (size > room) size = room;
  if (size > 0) memcpy(to, flow->input.data + flow->input.start, size);
  flow->input.start += size;
  /* Kept for what comes next: getting pages from the kernel again costs more than the copy. */
  if (queue_count(&flow->input) == 0) flow->input.start = flow->input.end = 0;
  bool gone = flow->gone;
  if (!gone && size > 0) stream_consumed(&flow->stream, size);
  channel_unlock();
  return gone ? -1 : (long)size;
}
