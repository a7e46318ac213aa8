#include "test.h"
#include "wire/frame.h"
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

struct record_seen {
  int count;
  uint32_t size, sum;
  bool lost;
};

static void see_record(void *context, const struct frame *frame) {
  struct record_seen *seen = context;
  if (frame->stream != 9) return;
  seen->count++;
  seen->size = frame->payload.size;
  seen->lost = frame->lost;
  seen->sum = 0;
  for (uint32_t i = 0; i < frame->payload.size; i++)
    seen->sum = seen->sum * 31 + frame->payload.at[i];
}

/* PART or OPEN of stream 9 with bytes that count on from `*next`. */
static uint32_t put_piece(uint8_t *to, uint8_t type, uint32_t size, uint8_t *next) {
  frame_header(to, size, 9, type, 0);
  for (uint32_t i = 0; i < size; i++)
    to[DD_FRAME_HEADER_BYTES + i] = (*next)++;
  return DD_FRAME_HEADER_BYTES + size;
}

TEST("a record is the same however it is split, with other frames between its parts") {
  enum { total = 200 };
  uint32_t wanted = 0;
  for (uint32_t i = 0; i < total; i++)
    wanted = wanted * 31 + (uint8_t)i;
  for (uint32_t piece = 1; piece <= total; piece += 7) {
    uint8_t bytes[total * 40], next = 0;
    uint32_t size = 0;
    for (uint32_t left = total; left > 0; left -= left < piece ? left : piece) {
      size += put(bytes + size, 5, 'x', 3);
      size += put_piece(bytes + size, left > piece ? DD_FRAME_PART : DD_FRAME_OPEN, left > piece ? piece : left, &next);
    }
    for (uint32_t step = 1; step < 60; step += 13) {
      struct frame_parser *parser = calloc(1, sizeof *parser);
      struct record_seen seen = {0};
      struct failure failure;
      for (uint32_t at = 0; at < size; at += step)
        CHECK(frame_parse(parser, (struct bytes){bytes + at, size - at < step ? size - at : step}, see_record, &seen,
                          &failure) == 0);
      CHECK(seen.count == 1 && seen.size == total && seen.sum == wanted && !seen.lost);
      CHECK(parser->parts == NULL && parser->part_count == 0 && parser->part_bytes == 0);
      free(parser);
    }
  }
}

TEST("a reset drops the parts before it, and what is left behind is given back") {
  uint8_t bytes[400], next = 0;
  struct frame_parser *parser = calloc(1, sizeof *parser);
  struct record_seen seen = {0};
  struct failure failure;
  uint32_t size = put_piece(bytes, DD_FRAME_PART, 100, &next);
  size += put_piece(bytes + size, DD_FRAME_RESET, 0, &next);
  CHECK(frame_parse(parser, (struct bytes){bytes, size}, see_record, &seen, &failure) == 0);
  CHECK(seen.count == 1 && seen.size == 0 && parser->parts == NULL && parser->part_bytes == 0);
  size = put_piece(bytes, DD_FRAME_PART, 100, &next);
  CHECK(frame_parse(parser, (struct bytes){bytes, size}, see_record, &seen, &failure) == 0);
  CHECK(parser->part_count == 1 && parser->part_bytes == 100);
  frame_parser_clear(parser);
  CHECK(parser->part_count == 0 && parser->part_bytes == 0);
  free(parser);
}

TEST("a record over the bound is lost and holds nothing, and the next one passes") {
  enum { piece = DD_MAX_PAYLOAD_BYTES };
  struct frame_parser *parser = calloc(1, sizeof *parser);
  uint8_t *bytes = malloc(DD_FRAME_HEADER_BYTES + piece), next = 0;
  struct record_seen seen = {0};
  struct failure failure;
  uint32_t size = put_piece(bytes, DD_FRAME_PART, piece, &next);
  for (uint32_t sent = 0; sent <= DD_MAX_RECORD_BYTES; sent += piece)
    CHECK(frame_parse(parser, (struct bytes){bytes, size}, see_record, &seen, &failure) == 0);
  CHECK(parser->part_bytes == 0 && parser->part_count == 1 && seen.count == 0);
  size = put_piece(bytes, DD_FRAME_OPEN, 10, &next);
  CHECK(frame_parse(parser, (struct bytes){bytes, size}, see_record, &seen, &failure) == 0);
  CHECK(seen.count == 1 && seen.lost && seen.size == 0 && parser->part_count == 0);
  CHECK(frame_parse(parser, (struct bytes){bytes, size}, see_record, &seen, &failure) == 0);
  CHECK(seen.count == 2 && !seen.lost && seen.size == 10);
  free(bytes);
  free(parser);
}

TEST("more split records at a time than any host begins are refused") {
  struct frame_parser *parser = calloc(1, sizeof *parser);
  uint8_t bytes[DD_FRAME_HEADER_BYTES + 1] = {0};
  struct record_seen seen = {0};
  struct failure failure;
  int result = 0;
  for (uint32_t stream = 1; stream < 1000 && result == 0; stream += 2) {
    frame_header(bytes, 1, stream, DD_FRAME_PART, 0);
    result = frame_parse(parser, (struct bytes){bytes, sizeof bytes}, see_record, &seen, &failure);
  }
  CHECK(result < 0 && failure.error == EPROTO && parser->part_count == 64);
  frame_parser_clear(parser);
  free(parser);
}
