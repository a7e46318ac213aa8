/* Frames of the byte stream: header u32 length, u32 stream, u8 type, u8 lane, u16 zero. */
#pragma once
#include "fail.h"
#include "protocol.h"
#include "record.h"

struct frame {
  uint32_t stream;
  uint8_t type, lane;
  struct bytes payload;
};

/* Holds the beginning of a frame whose end has not come yet. */
struct frame_parser {
  uint32_t held;
  uint8_t partial[DD_FRAME_HEADER_BYTES + DD_MAX_PAYLOAD_BYTES];
};

/* Takes the next bytes of the stream and calls `handle` for each whole frame; a payload is valid during the call only.
 * Fails on a frame that is too long: nothing after it can be trusted. */
int frame_parse(struct frame_parser *parser, struct bytes from, void (*handle)(void *, const struct frame *),
                void *context, struct failure *failure);

static inline void frame_header(uint8_t *at, uint32_t length, uint32_t stream, uint8_t type, uint8_t lane) {
  store_u32(at, length);
  store_u32(at + 4, stream);
  at[8] = type;
  at[9] = lane;
  store_u16(at + 10, 0);
}
