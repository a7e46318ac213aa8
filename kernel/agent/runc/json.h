/* JSON (RFC 8259) of a bundle, which may be anybody's: bounded in size, depth and number of values. */
#pragma once
#include "base/arena.h"
#include "base/fail.h"
#include <stdbool.h>

enum { json_bytes_max = 1024 * 1024, json_depth_max = 64, json_values_max = 20000 };

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_LIST, JSON_OBJECT };

struct json {
  enum json_type type;
  const char *key; /* of a member of an object */
  const char *text; /* a string's contents; a number or a word as it is written */
  struct json *first, *next; /* of a list or an object; of what this is in */
  uint32_t count;
  const char *from; /* as it stands in the source */
  size_t size;
};

/* `text[size]` is 0. NULL after filling `failure`. */
const struct json *json_parse(struct arena *arena, const char *text, size_t size, struct failure *failure);
/* A member that is there and not null, the last one of that name; NULL otherwise, also for what is no object. */
const struct json *json_get(const struct json *object, const char *key);
/* A whole number. */
bool json_number(const struct json *value, int64_t *number);
/* "a string", for messages. */
const char *json_type_name(enum json_type type);
/* `text` as a JSON string with its quotes, cut to `room` with its NUL. Returns the length kept. */
size_t json_quote(char *to, size_t room, const char *text);
