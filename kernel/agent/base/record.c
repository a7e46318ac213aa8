#include "base/record.h"
#include <string.h>

enum { field_header_bytes = 8 };

int record_next(struct bytes *rest, uint16_t *tag, struct bytes *value) {
  if (rest->size == 0) return 0;
  if (rest->size < field_header_bytes) return -1;
  uint32_t size = load_u32(rest->at + 4);
  if (size > rest->size - field_header_bytes) return -1;
  *tag = load_u16(rest->at);
  *value = (struct bytes){rest->at + field_header_bytes, size};
  rest->at += field_header_bytes + size;
  rest->size -= field_header_bytes + size;
  return 1;
}

/* How often each known tag occurs: lists are allocated once, at their size. */
static int count_fields(const struct shape *shape, struct bytes rest, uint32_t *counts) {
  uint16_t tag;
  struct bytes value;
  int more;
  while ((more = record_next(&rest, &tag, &value)) > 0)
    if (tag < shape->count) counts[tag]++;
  return more;
}

static int prepare_fields(const struct shape *shape, const uint32_t *counts, struct arena *arena, uint8_t *to) {
  for (uint16_t tag = 0; tag < shape->count; tag++) {
    const struct shape_field *field = &shape->fields[tag];
    if (field->type == FIELD_STRING) {
      *(const char **)(to + field->offset) = "";
    } else if (field->type == FIELD_STRINGS) {
      struct strings *strings = (struct strings *)(to + field->offset);
      strings->at = arena_take(arena, (counts[tag] + 1) * sizeof *strings->at);
      if (strings->at == NULL) return -1;
    } else if (field->type == FIELD_RECORDS && counts[tag] > 0) {
      struct list *list = (struct list *)(to + field->offset);
      list->at = arena_take(arena, (size_t)counts[tag] * field->of->size);
      if (list->at == NULL) return -1;
    }
  }
  return 0;
}

static int decode(const struct shape *shape, struct bytes from, struct arena *arena, void *to, int depth);

static uint8_t *arena_take_copy(struct arena *arena, struct bytes from) {
  return (uint8_t *)arena_string(arena, from.at, from.size);
}

static int decode_field(const struct shape_field *field, struct bytes value, struct arena *arena, uint8_t *to,
                        int depth) {
  switch (field->type) {
  case FIELD_U32:
    if (value.size != 4) return -1;
    *(uint32_t *)to = load_u32(value.at);
    return 0;
  case FIELD_U64:
    if (value.size != 8) return -1;
    *(uint64_t *)to = load_u32(value.at) | (uint64_t)load_u32(value.at + 4) << 32;
    return 0;
  case FIELD_BYTES: {
    struct bytes *bytes = (struct bytes *)to;
    *bytes = (struct bytes){arena_take_copy(arena, value), value.size};
    return bytes->at == NULL ? -1 : 0;
  }
  case FIELD_STRING:
    if (memchr(value.at, 0, value.size) != NULL) return -1;
    return (*(const char **)to = arena_string(arena, value.at, value.size)) == NULL ? -1 : 0;
  case FIELD_STRINGS: {
    struct strings *strings = (struct strings *)to;
    if (memchr(value.at, 0, value.size) != NULL) return -1;
    return (strings->at[strings->count++] = arena_string(arena, value.at, value.size)) == NULL ? -1 : 0;
  }
  case FIELD_RECORDS: {
    struct list *list = (struct list *)to;
    return decode(field->of, value, arena, (uint8_t *)list->at + (size_t)field->of->size * list->count++, depth + 1);
  }
  case FIELD_RECORD:
    return decode(field->of, value, arena, to, depth + 1);
  default:
    return 0;
  }
}

static int decode(const struct shape *shape, struct bytes from, struct arena *arena, void *to, int depth) {
  uint32_t counts[record_max_tags] = {0};
  if (depth > record_max_depth || count_fields(shape, from, counts) < 0) return -1;
  /* A repeated single record would be decoded over itself, its lists with it. */
  for (uint16_t tag = 0; tag < shape->count; tag++)
    if (shape->fields[tag].type == FIELD_RECORD && counts[tag] > 1) return -1;
  if (prepare_fields(shape, counts, arena, to) < 0) return -1;
  for (uint16_t tag = 0; tag < shape->count; tag++)
    if (shape->fields[tag].type == FIELD_RECORD && counts[tag] == 0 &&
        decode(shape->fields[tag].of, (struct bytes){0}, arena, (uint8_t *)to + shape->fields[tag].offset, depth + 1) <
            0)
      return -1;
  uint16_t tag;
  struct bytes value;
  while (record_next(&from, &tag, &value) > 0) {
    if (tag >= shape->count) continue;
    const struct shape_field *field = &shape->fields[tag];
    if (decode_field(field, value, arena, (uint8_t *)to + field->offset, depth) < 0) return -1;
  }
  return 0;
}

int record_decode(const struct shape *shape, struct bytes from, struct arena *arena, void *to) {
  memset(to, 0, shape->size);
  return decode(shape, from, arena, to, 0);
}

static uint8_t *field_open(struct writer *writer, uint16_t tag, size_t size) {
  if (writer->full || (size_t)(writer->end - writer->at) < size + field_header_bytes) {
    writer->full = true;
    return NULL;
  }
  uint8_t *header = writer->at;
  store_u16(header, tag);
  store_u16(header + 2, 0);
  store_u32(header + 4, (uint32_t)size);
  writer->at += field_header_bytes + size;
  return header + field_header_bytes;
}

void write_u32(struct writer *writer, uint16_t tag, uint32_t value) {
  uint8_t *to = field_open(writer, tag, 4);
  if (to != NULL) store_u32(to, value);
}

void write_u64(struct writer *writer, uint16_t tag, uint64_t value) {
  uint8_t *to = field_open(writer, tag, 8);
  if (to == NULL) return;
  store_u32(to, (uint32_t)value);
  store_u32(to + 4, (uint32_t)(value >> 32));
}

void write_bytes(struct writer *writer, uint16_t tag, const void *from, size_t size) {
  uint8_t *to = field_open(writer, tag, size);
  if (to != NULL && size > 0) memcpy(to, from, size);
}

void write_string(struct writer *writer, uint16_t tag, const char *text) {
  write_bytes(writer, tag, text, strlen(text));
}

uint8_t *write_begin(struct writer *writer, uint16_t tag) {
  return field_open(writer, tag, 0);
}

void write_finish(struct writer *writer, uint8_t *mark) {
  if (mark != NULL) store_u32(mark - 4, (uint32_t)(writer->at - mark));
}
