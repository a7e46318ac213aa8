/* config.json's values as they are read: what is read after a fault is of no use, and says nothing more of it. */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include "runc/json.h"
#include "wire/spec.h"

struct reader {
  struct arena *arena;
  struct failure *failure;
  bool failed;
};

/* `format` takes one string. */
void reader_refuse(struct reader *reader, const char *format, const char *operand);
void *reader_take(struct reader *reader, size_t size);
/* NULL where it is not there, or of another type. */
const struct json *reader_member(struct reader *reader, const struct json *object, const char *key,
                                 enum json_type type);
/* "" where it is not there. */
const char *reader_string(struct reader *reader, const struct json *object, const char *key);
bool reader_flag(struct reader *reader, const struct json *object, const char *key);
/* Whether it is there. */
bool reader_number(struct reader *reader, const struct json *object, const char *key, int64_t *to);
uint32_t reader_small(struct reader *reader, const struct json *object, const char *key);
struct strings reader_strings(struct reader *reader, const struct json *object, const char *key);
/* The items of a list, each of `size` bytes. */
struct list reader_list(struct reader *reader, const struct json *list, size_t size);
const char *reader_format(struct reader *reader, const char *format, const char *one, const char *other);
