#include "frame.h"
#include "test.h"
#include <errno.h>
#include <stdlib.h>

struct seen {
  int count;
  uint32_t streams[8], sizes[8];
  uint8_t first[8];
};

static void see(void *context, const struct frame *frame) {
  struct seen *seen = context;
  if (seen->count < 8) {
    seen->streams[seen->count] = frame->stream;
    seen->sizes[seen->count] = frame->payload.size;
    seen->first[seen->count] = frame->payload.size > 0 ? frame->payload.at[0] : 0;
  }
  seen->count++;
}

static uint32_t put(uint8_t *to, uint32_t stream, uint8_t fill, uint32_t size) {
  frame_header(to, size, stream, DD_FRAME_DATA, 1);
  memset(to + DD_FRAME_HEADER_BYTES, fill, size);
  return DD_FRAME_HEADER_BYTES + size;
}

TEST("frames come out whole however the stream of bytes is cut") {
  uint8_t bytes[400];
  uint32_t size = put(bytes, 1, 'a', 100);
  size += put(bytes + size, 3, 0, 0);
  size += put(bytes + size, 5, 'c', 200);
  for (uint32_t step = 1; step <= size; step++) {
    struct frame_parser *parser = calloc(1, sizeof *parser);
    struct seen seen = {0};
    struct failure failure;
    for (uint32_t at = 0; at < size; at += step) {
      uint32_t part = size - at < step ? size - at : step;
      CHECK(frame_parse(parser, (struct bytes){bytes + at, part}, see, &seen, &failure) == 0);
    }
    CHECK(seen.count == 3 && seen.streams[0] == 1 && seen.streams[1] == 3 && seen.streams[2] == 5);
    CHECK(seen.sizes[0] == 100 && seen.sizes[1] == 0 && seen.sizes[2] == 200 && seen.first[2] == 'c');
    CHECK(parser->held == 0);
    free(parser);
  }
}

TEST("a frame of the largest size passes, a larger one is refused, whole or cut") {
  struct frame_parser *parser = calloc(1, sizeof *parser);
  uint8_t *bytes = malloc(DD_FRAME_HEADER_BYTES + DD_MAX_PAYLOAD_BYTES);
  struct seen seen = {0};
  struct failure failure;
  uint32_t size = put(bytes, 7, 'z', DD_MAX_PAYLOAD_BYTES);
  CHECK(frame_parse(parser, (struct bytes){bytes, 5}, see, &seen, &failure) == 0);
  CHECK(frame_parse(parser, (struct bytes){bytes + 5, size - 5}, see, &seen, &failure) == 0);
  CHECK(seen.count == 1 && seen.sizes[0] == DD_MAX_PAYLOAD_BYTES);
  frame_header(bytes, DD_MAX_PAYLOAD_BYTES + 1, 7, DD_FRAME_DATA, 0);
  CHECK(frame_parse(parser, (struct bytes){bytes, 100}, see, &seen, &failure) < 0 && failure.error == EPROTO);
  CHECK(frame_parse(parser, (struct bytes){bytes, 6}, see, &seen, &failure) == 0);
  CHECK(frame_parse(parser, (struct bytes){bytes + 6, 6}, see, &seen, &failure) < 0);
  free(bytes);
  free(parser);
}
