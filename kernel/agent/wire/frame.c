#include "wire/frame.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- records that are split --- */

enum { max_split_records = 64 };

static struct frame_parts **find_parts(struct frame_parser *parser, uint32_t stream) {
  struct frame_parts **at = &parser->parts;
  while (*at != NULL && (*at)->stream != stream)
    at = &(*at)->next;
  return at;
}

static void drop_data(struct frame_parser *parser, struct frame_parts *parts) {
  free(parts->data);
  parser->part_bytes -= parts->size;
  parts->data = NULL;
  parts->size = 0;
}

static void drop_parts(struct frame_parser *parser, struct frame_parts **at) {
  struct frame_parts *parts = *at;
  if (parts == NULL) return;
  drop_data(parser, parts);
  *at = parts->next;
  parser->part_count--;
  free(parts);
}

/* A record that cannot be held is dropped and remembered as lost, so that its frame can be answered. */
static void append(struct frame_parser *parser, struct frame_parts *parts, struct bytes payload) {
  if (parts->lost || payload.size == 0) return;
  uint8_t *data = NULL;
  if (payload.size <= DD_MAX_RECORD_BYTES - parser->part_bytes) data = realloc(parts->data, parts->size + payload.size);
  if (data == NULL) {
    drop_data(parser, parts);
    parts->lost = true;
    return;
  }
  memcpy(data + parts->size, payload.at, payload.size);
  parts->data = data;
  parts->size += payload.size;
  parser->part_bytes += payload.size;
}

static int take_part(struct frame_parser *parser, const struct frame *frame, struct failure *failure) {
  struct frame_parts **at = find_parts(parser, frame->stream);
  if (*at == NULL) {
    if (parser->part_count >= max_split_records)
      return fail(failure, EPROTO, "frame", "more than %u split records", max_split_records);
    struct frame_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL) return fail(failure, ENOMEM, "frame", "no memory for a split record");
    parts->stream = frame->stream;
    *at = parts;
    parser->part_count++;
  }
  append(parser, *at, frame->payload);
  return 0;
}

static bool may_be_split(uint8_t type) {
  return type == DD_FRAME_OPEN || type == DD_FRAME_REPLY || type == DD_FRAME_NOTE || type == DD_FRAME_CLOSE;
}

void frame_parser_clear(struct frame_parser *parser) {
  while (parser->parts != NULL)
    drop_parts(parser, &parser->parts);
  parser->held = 0;
}

/* --- frames --- */

typedef void (*frame_handle)(void *context, const struct frame *frame);

static int deliver(struct frame_parser *parser, const uint8_t *at, uint32_t length, frame_handle handle, void *context,
                   struct failure *failure) {
  struct frame frame = {load_u32(at + 4), at[8], at[9], false, {at + DD_FRAME_HEADER_BYTES, length}};
  if (frame.type == DD_FRAME_PART) return take_part(parser, &frame, failure);
  bool ends = frame.type == DD_FRAME_RESET;
  struct frame_parts **parts =
      parser->parts != NULL && (ends || may_be_split(frame.type)) ? find_parts(parser, frame.stream) : NULL;
  if (parts == NULL || *parts == NULL) {
    handle(context, &frame);
    return 0;
  }
  if (!ends) {
    append(parser, *parts, frame.payload);
    frame.lost = (*parts)->lost;
    frame.payload.size = (*parts)->size;
    if ((*parts)->data != NULL) frame.payload.at = (*parts)->data;
  }
  handle(context, &frame);
  drop_parts(parser, parts);
  return 0;
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

int frame_parse(struct frame_parser *parser, struct bytes from, frame_handle handle, void *context,
                struct failure *failure) {
  while (from.size > 0) {
    if (parser->held == 0 && from.size >= DD_FRAME_HEADER_BYTES) {
      uint32_t length = load_u32(from.at);
      if (check(length, failure) < 0) return -1;
      if (from.size - DD_FRAME_HEADER_BYTES >= length) {
        if (deliver(parser, from.at, length, handle, context, failure) < 0) return -1;
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
    if (deliver(parser, parser->partial, length, handle, context, failure) < 0) return -1;
  }
  return 0;
}
