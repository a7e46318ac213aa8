#include "wire/stream.h"
#include "wire/channel.h"
#include <errno.h>
#include <string.h>

enum { buckets = 256, credit_step = DD_STREAM_WINDOW_BYTES / 4 };

static struct stream *table[buckets];
static uint32_t next_id = 2;
static void (*serve)(uint32_t id, uint16_t kind, struct bytes payload);

void stream_serve(void (*open)(uint32_t id, uint16_t kind, struct bytes payload)) {
  serve = open;
}

static struct stream **slot(uint32_t id) {
  struct stream **at = &table[(id >> 1) % buckets];
  while (*at != NULL && (*at)->id != id)
    at = &(*at)->next;
  return at;
}

void stream_accept(struct stream *stream, uint32_t id, const struct stream_calls *calls) {
  struct stream **at = &table[(id >> 1) % buckets];
  *stream = (struct stream){.id = id, .room = DD_STREAM_WINDOW_BYTES, .calls = calls, .next = *at};
  *at = stream;
}

/* Kind and record; what is longer than a frame goes ahead as parts. */
static void send_record(uint8_t type, uint32_t id, uint16_t kind, const struct writer *record) {
  uint32_t size = writer_size(record), head = 2;
  const uint8_t *from = record->start;
  while (head + size > DD_MAX_PAYLOAD_BYTES) {
    uint8_t *part = channel_room(DD_MAX_PAYLOAD_BYTES);
    if (head > 0) store_u16(part, kind);
    memcpy(part + head, from, DD_MAX_PAYLOAD_BYTES - head);
    channel_commit(DD_FRAME_PART, id, 0, DD_MAX_PAYLOAD_BYTES);
    from += DD_MAX_PAYLOAD_BYTES - head;
    size -= DD_MAX_PAYLOAD_BYTES - head;
    head = 0;
  }
  uint8_t *to = channel_room(head + size);
  if (head > 0) store_u16(to, kind);
  if (size > 0) memcpy(to + head, from, size);
  channel_commit(type, id, 0, head + size);
}

void stream_open(struct stream *stream, const struct stream_calls *calls, uint16_t kind, const struct writer *record) {
  do {
    next_id += 2;
  } while (next_id == 0 || *slot(next_id) != NULL);
  stream_accept(stream, next_id, calls);
  send_record(DD_FRAME_OPEN, stream->id, kind, record);
}

void stream_forget(struct stream *stream) {
  if (stream->id == 0) return;
  struct stream **at = slot(stream->id);
  if (*at == stream) *at = stream->next;
  stream->id = 0;
}

void stream_note(struct stream *stream, uint16_t kind, const struct writer *record) {
  if (stream->id == 0) return;
  send_record(DD_FRAME_NOTE, stream->id, kind, record);
}

void stream_reply(struct stream *stream, const struct writer *record) {
  channel_send(DD_FRAME_REPLY, stream->id, 0, record->start, writer_size(record));
}

void stream_close(struct stream *stream) {
  if (stream->id != 0) channel_send(DD_FRAME_CLOSE, stream->id, 0, NULL, 0);
  stream_forget(stream);
}

void stream_reset(struct stream *stream, const struct failure *failure) {
  if (stream->id != 0) reply_failure(stream->id, failure);
  stream_forget(stream);
}

void reply_record(uint32_t id, const struct writer *record) {
  channel_send(DD_FRAME_REPLY, id, 0, record->start, writer_size(record));
  channel_send(DD_FRAME_CLOSE, id, 0, NULL, 0);
}

void reply_empty(uint32_t id) {
  channel_send(DD_FRAME_REPLY, id, 0, NULL, 0);
  channel_send(DD_FRAME_CLOSE, id, 0, NULL, 0);
}

void reply_failure(uint32_t id, const struct failure *failure) {
  uint8_t payload[512];
  struct writer writer = {payload, payload, payload + sizeof payload, false};
  write_u32(&writer, DD_TAG_FAILURE_ERRNO, (uint32_t)failure->error);
  write_string(&writer, DD_TAG_FAILURE_MESSAGE, failure->message);
  write_string(&writer, DD_TAG_FAILURE_STAGE, failure->stage);
  channel_send(DD_FRAME_RESET, id, 0, payload, writer_size(&writer));
}

void stream_consumed(struct stream *stream, uint32_t size) {
  if (stream->id == 0) return;
  stream->unread -= size < stream->unread ? size : stream->unread;
  stream->owed += size;
  if (stream->owed < credit_step) return;
  uint8_t payload[4];
  store_u32(payload, stream->owed);
  stream->owed = 0;
  channel_send(DD_FRAME_CREDIT, stream->id, 0, payload, sizeof payload);
}

/* As execve(2) says it: what makes a request so long are arguments and environment. */
static void receive_lost(const struct frame *frame) {
  struct stream *stream = frame->type == DD_FRAME_OPEN ? NULL : *slot(frame->stream);
  struct failure failure;
  fail(&failure, E2BIG, "record", "argument list too long");
  if (frame->type == DD_FRAME_OPEN) {
    reply_failure(frame->stream, &failure);
  } else if (stream != NULL) {
    stream_reset(stream, &failure);
    stream->calls->reset(stream);
  }
}

static void receive_open(const struct frame *frame) {
  struct failure failure;
  if (frame->payload.size < 2 || frame->stream % 2 == 0) {
    fail(&failure, EPROTO, "open", "stream %u cannot be opened by the host", frame->stream);
    reply_failure(frame->stream, &failure);
    return;
  }
  serve(frame->stream, load_u16(frame->payload.at), (struct bytes){frame->payload.at + 2, frame->payload.size - 2});
}

static void receive_data(struct stream *stream, const struct frame *frame) {
  if (frame->payload.size > DD_STREAM_WINDOW_BYTES - stream->unread) {
    struct failure failure;
    fail(&failure, EPROTO, "window", "stream %u received more than its window", stream->id);
    stream_reset(stream, &failure);
    stream->calls->reset(stream);
    return;
  }
  stream->unread += frame->payload.size;
  if (stream->calls->data != NULL)
    stream->calls->data(stream, frame->lane, frame->payload);
  else
    stream_consumed(stream, frame->payload.size);
}

static void receive_credit(struct stream *stream, const struct frame *frame) {
  if (frame->payload.size < 4) return;
  uint32_t given = load_u32(frame->payload.at);
  stream->room += given < DD_STREAM_WINDOW_BYTES - stream->room ? given : DD_STREAM_WINDOW_BYTES - stream->room;
  if (stream->calls->room != NULL) stream->calls->room(stream);
}

void stream_receive(const struct frame *frame) {
  if (frame->lost) {
    receive_lost(frame);
    return;
  }
  if (frame->type == DD_FRAME_OPEN) {
    receive_open(frame);
    return;
  }
  struct stream *stream = *slot(frame->stream);
  /* Frames for a stream that has just ended cross ours on the way. */
  if (stream == NULL) return;
  const struct stream_calls *calls = stream->calls;
  switch (frame->type) {
  case DD_FRAME_DATA:
    receive_data(stream, frame);
    break;
  case DD_FRAME_END:
    if (calls->end != NULL) calls->end(stream, frame->lane);
    break;
  case DD_FRAME_CREDIT:
    receive_credit(stream, frame);
    break;
  case DD_FRAME_NOTE:
    if (calls->note != NULL && frame->payload.size >= 2)
      calls->note(stream, load_u16(frame->payload.at), (struct bytes){frame->payload.at + 2, frame->payload.size - 2});
    break;
  case DD_FRAME_REPLY:
    if (calls->reply != NULL) calls->reply(stream, frame->payload);
    break;
  case DD_FRAME_CLOSE:
    stream_forget(stream);
    if (calls->close != NULL) calls->close(stream, frame->payload);
    break;
  case DD_FRAME_RESET:
    stream_forget(stream);
    calls->reset(stream);
    break;
  default:
    break;
  }
}
