#include "frame.h"
#include <errno.h>
#include <string.h>

static void deliver(const uint8_t *at, uint32_t length, void (*handle)(void *, const struct frame *), void *context) {
  struct frame frame = {load_u32(at + 4), at[8], at[9], {at + DD_FRAME_HEADER_BYTES, length}};
  handle(context, &frame);
}

/* Moves what is missing of the held frame, up to `wanted` bytes in all, from the input. */
static void hold(struct frame_parser *parser, struct bytes *from, uint32_t wanted) {
  uint32_t take = wanted - parser->held < from->size ? wanted - parser->held : from->size;
  memcpy(parser->partial + parser->held, from->at, take);
  parser->held += take;
  from->at += take;
  from->size -= take;
}

static int check(uint32_t length, struct failure *failure) {
  if (length <= DD_MAX_PAYLOAD_BYTES) return 0;
  return fail(failure, EPROTO, "frame", "frame of %u bytes", length);
}

int frame_parse(struct frame_parser *parser, struct bytes from, void (*handle)(void *, const struct frame *),
                void *context, struct failure *failure) {
  while (from.size > 0) {
    if (parser->held == 0 && from.size >= DD_FRAME_HEADER_BYTES) {
      uint32_t length = load_u32(from.at);
      if (check(length, failure) < 0) return -1;
      if (from.size - DD_FRAME_HEADER_BYTES >= length) {
        deliver(from.at, length, handle, context);
        from.at += DD_FRAME_HEADER_BYTES + length;
        from.size -= DD_FRAME_HEADER_BYTES + length;
        continue;
      }
    }
    if (parser->held < DD_FRAME_HEADER_BYTES) hold(parser, &from, DD_FRAME_HEADER_BYTES);
    if (parser->held < DD_FRAME_HEADER_BYTES) return 0;
    uint32_t length = load_u32(parser->partial);
    if (check(length, failure) < 0) return -1;
    hold(parser, &from, DD_FRAME_HEADER_BYTES + length);
    if (parser->held < DD_FRAME_HEADER_BYTES + length) return 0;
    parser->held = 0;
    deliver(parser->partial, length, handle, context);
  }
  return 0;
}
