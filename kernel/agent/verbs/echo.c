/* echo: DATA goes back on its lane, within what the host allows; END ends it. */
#include "base/queue.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct echo {
  struct stream stream;
  struct queue queue;
  uint8_t lane;
  bool ended;
};

static void finish(struct echo *echo) {
  stream_forget(&echo->stream);
  queue_free(&echo->queue);
  free(echo);
}

static void drain(struct stream *stream) {
  struct echo *echo = (struct echo *)stream;
  while (queue_count(&echo->queue) > 0 && stream->room > 0) {
    uint32_t size = queue_count(&echo->queue) < stream->room ? queue_count(&echo->queue) : stream->room;
    uint8_t *to = channel_reserve(&size);
    memcpy(to, echo->queue.data + echo->queue.start, size);
    channel_commit(DD_FRAME_DATA, stream->id, echo->lane, size);
    stream->room -= size;
    echo->queue.start += size;
    stream_consumed(stream, size);
  }
  if (queue_count(&echo->queue) == 0) queue_free(&echo->queue);
  if (!echo->ended || queue_count(&echo->queue) > 0) return;
  channel_send(DD_FRAME_END, stream->id, echo->lane, NULL, 0);
  stream_close(stream);
  finish(echo);
}

static void data(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct echo *echo = (struct echo *)stream;
  echo->lane = lane;
  if (queue_count(&echo->queue) == 0 && bytes.size <= stream->room) {
    channel_send(DD_FRAME_DATA, stream->id, lane, bytes.at, bytes.size);
    stream->room -= bytes.size;
    stream_consumed(stream, bytes.size);
    return;
  }
  queue_add(&echo->queue, bytes);
  drain(stream);
}

static void end(struct stream *stream, uint8_t lane) {
  struct echo *echo = (struct echo *)stream;
  echo->lane = lane;
  echo->ended = true;
  drain(stream);
}

static void reset(struct stream *stream) {
  finish((struct echo *)stream);
}

static const struct stream_calls calls = {.data = data, .end = end, .room = drain, .reset = reset};

int echo_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct echo *echo = calloc(1, sizeof *echo);
  (void)payload;
  if (echo == NULL) return fail(failure, ENOMEM, "echo", "no memory");
  stream_accept(&echo->stream, id, &calls);
  stream_reply(&echo->stream, &(struct writer){0});
  return 0;
}
