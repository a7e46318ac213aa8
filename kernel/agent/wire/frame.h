/* Frames of the byte stream: header u32 length, u32 stream, u8 type, u8 lane, u16 zero. */
#pragma once
#include "base/fail.h"
#include "base/record.h"
#include "wire/protocol.h"

struct frame {
  uint32_t stream;
  uint8_t type, lane;
  bool lost; /* a split payload that was too long, or for which there was no memory; it is empty here */
  struct bytes payload;
};

/* The beginning of a split record (PART frames), until the frame that it belongs to. */
struct frame_parts {
  struct frame_parts *next;
  uint32_t stream, size;
  bool lost;
  uint8_t *data;
};

/* Holds the beginning of a frame whose end has not come yet, and of records whose end has not. */
struct frame_parser {
  struct frame_parts *parts;
  uint32_t part_count, part_bytes;
  uint32_t held;
  uint8_t partial[DD_FRAME_HEADER_BYTES + DD_MAX_PAYLOAD_BYTES];
};

/* Takes the next bytes of the stream and calls `handle` for each whole frame, split records put together; a payload is
 * valid during the call only. All split records that are not complete hold DD_MAX_RECORD_BYTES at most. Fails on a
 * frame that is too long, or when more records are split at a time than any host does: nothing after it can be trusted.
 */
int frame_parse(struct frame_parser *parser, struct bytes from, void (*handle)(void *, const struct frame *),
                void *context, struct failure *failure);

/* Forgets what is not complete. */
void frame_parser_clear(struct frame_parser *parser);

static inline void frame_header(uint8_t *at, uint32_t length, uint32_t stream, uint8_t type, uint8_t lane) {
  store_u32(at, length);
  store_u32(at + 4, stream);
  at[8] = type;
  at[9] = lane;
  store_u16(at + 10, 0);
}
