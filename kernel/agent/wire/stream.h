/* Streams: the table by id, flow control, and the two ends of a request. */
#pragma once
#include "base/fail.h"
#include "base/record.h"
#include "wire/frame.h"

struct stream;
struct stream_calls {
  /* Bytes from the host; give them back by stream_consumed when they are really gone. */
  void (*data)(struct stream *stream, uint8_t lane, struct bytes bytes);
  void (*end)(struct stream *stream, uint8_t lane);
  /* The host made room: stream->room grew. */
  void (*room)(struct stream *stream);
  void (*note)(struct stream *stream, uint16_t kind, struct bytes record);
  /* The host accepted, or closed, a stream that the agent opened. */
  void (*reply)(struct stream *stream, struct bytes record);
  void (*close)(struct stream *stream, struct bytes record);
  /* The stream is gone from the table: RESET came. */
  void (*reset)(struct stream *stream);
};

struct stream {
  uint32_t id; /* 0: not in the table */
  uint32_t room; /* bytes that may be sent */
  uint32_t unread; /* bytes received that were not given back */
  uint32_t owed; /* of these, consumed but not yet told */
  const struct stream_calls *calls;
  struct stream *next;
};

/* Takes the id that the host chose, or picks an even one and sends OPEN. */
void stream_accept(struct stream *stream, uint32_t id, const struct stream_calls *calls);
void stream_open(struct stream *stream, const struct stream_calls *calls, uint16_t kind, const struct writer *record);
/* Who answers the streams that the host opens. */
void stream_serve(void (*open)(uint32_t id, uint16_t kind, struct bytes payload));
void stream_receive(const struct frame *frame);
/* Says that `size` received bytes were consumed. */
void stream_consumed(struct stream *stream, uint32_t size);
void stream_note(struct stream *stream, uint16_t kind, const struct writer *record);
/* Sends CLOSE and forgets the stream. */
void stream_close(struct stream *stream);
/* Sends RESET with the failure and forgets the stream. */
void stream_reset(struct stream *stream, const struct failure *failure);
void stream_forget(struct stream *stream);

/* Answers for requests that hold no stream: REPLY and CLOSE, or RESET. */
void reply_record(uint32_t id, const struct writer *record);
void reply_empty(uint32_t id);
void reply_failure(uint32_t id, const struct failure *failure);
/* Sends REPLY of a stream that stays. */
void stream_reply(struct stream *stream, const struct writer *record);
