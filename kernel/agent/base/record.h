/* Records of src/protocol/agent.ts: decoding into C structures by a table of their shape, and writing. */
#pragma once
#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
  const uint8_t *at;
  uint32_t size;
};
/* `at[count]` is NULL, so that it may serve as argv. */
struct strings {
  const char **at;
  uint32_t count;
};
/* `at` points to `count` structures of the shape that the field names. */
struct list {
  void *at;
  uint32_t count;
};

enum field_type {
  FIELD_NONE,
  FIELD_U32,
  FIELD_U64,
  FIELD_STRING,
  FIELD_BYTES,
  FIELD_STRINGS,
  FIELD_RECORDS,
  FIELD_RECORD
};

struct shape_field {
  uint8_t type;
  uint16_t offset;
  const struct shape *of;
};
/* `fields[tag]`; every string of a decoded structure is set, "" when absent. */
struct shape {
  const struct shape_field *fields;
  uint16_t count, size;
};

enum { record_max_tags = 32, record_max_depth = 4 };

/* Decodes into `to`, of shape->size bytes. All it points to lives in the arena. Returns 0 or -1 for
 * a malformed record (cut field, wrong size of a number, NUL inside a string) or no memory. */
int record_decode(const struct shape *shape, struct bytes from, struct arena *arena, void *to);

/* Steps over the fields of a record without allocating: 1 and the field, 0 at the end, -1 when cut. */
int record_next(struct bytes *rest, uint16_t *tag, struct bytes *value);

struct writer {
  uint8_t *start, *at, *end;
  bool full; /* something did not fit; what is written is then not a record */
};

void write_u32(struct writer *writer, uint16_t tag, uint32_t value);
void write_u64(struct writer *writer, uint16_t tag, uint64_t value);
void write_bytes(struct writer *writer, uint16_t tag, const void *from, size_t size);
void write_string(struct writer *writer, uint16_t tag, const char *text);
/* A nested record, or bytes whose size is known only afterwards: what is written between the two is its content. */
uint8_t *write_begin(struct writer *writer, uint16_t tag);
void write_finish(struct writer *writer, uint8_t *mark);
static inline uint32_t writer_size(const struct writer *writer) {
  return (uint32_t)(writer->at - writer->start);
}

static inline uint16_t load_u16(const uint8_t *at) {
  return (uint16_t)(at[0] | at[1] << 8);
}
static inline uint32_t load_u32(const uint8_t *at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}
static inline void store_u16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}
static inline void store_u32(uint8_t *at, uint32_t value) {
  store_u16(at, (uint16_t)value);
  store_u16(at + 2, (uint16_t)(value >> 16));
}
