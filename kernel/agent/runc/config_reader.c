#include "runc/config_reader.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

void reader_refuse(struct reader *reader, const char *format, const char *operand) {
  if (!reader->failed) fail(reader->failure, EINVAL, "config", format, operand);
  reader->failed = true;
}

void *reader_take(struct reader *reader, size_t size) {
  static uint64_t nowhere[64]; /* for one structure at least, so that the caller need not look */
  void *memory = arena_take(reader->arena, size);
  if (memory != NULL) return memory;
  reader_refuse(reader, "no memory for %s", "the configuration");
  return size <= sizeof nowhere ? nowhere : NULL;
}

const struct json *reader_member(struct reader *reader, const struct json *object, const char *key,
                                 enum json_type type) {
  const struct json *value = json_get(object, key);
  if (value == NULL || value->type == type) return value;
  if (!reader->failed)
    fail(reader->failure, EINVAL, "config", "json: cannot unmarshal %s into \"%s\", which is %s",
         json_type_name(value->type), key, json_type_name(type));
  reader->failed = true;
  return NULL;
}

const char *reader_string(struct reader *reader, const struct json *object, const char *key) {
  const struct json *value = reader_member(reader, object, key, JSON_STRING);
  return value == NULL ? "" : value->text;
}

bool reader_flag(struct reader *reader, const struct json *object, const char *key) {
  const struct json *value = reader_member(reader, object, key, JSON_BOOL);
  return value != NULL && *value->text == 't';
}

bool reader_number(struct reader *reader, const struct json *object, const char *key, int64_t *to) {
  const struct json *value = reader_member(reader, object, key, JSON_NUMBER);
  if (value == NULL) return false;
  if (!json_number(value, to))
    reader_refuse(reader, "json: cannot unmarshal number into \"%s\", which is a whole one", key);
  return true;
}

uint32_t reader_small(struct reader *reader, const struct json *object, const char *key) {
  int64_t value = 0;
  if (reader_number(reader, object, key, &value) && (value < 0 || value > UINT32_MAX))
    reader_refuse(reader, "json: cannot unmarshal number into \"%s\"", key);
  return (uint32_t)value;
}

struct strings reader_strings(struct reader *reader, const struct json *object, const char *key) {
  const struct json *list = reader_member(reader, object, key, JSON_LIST);
  uint32_t count = list == NULL ? 0 : list->count;
  struct strings result = {reader_take(reader, (count + 1) * sizeof(char *)), 0};
  if (result.at == NULL) return result;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
    if (item->type != JSON_STRING) reader_refuse(reader, "json: \"%s\" is a list of strings", key);
    result.at[result.count++] = item->type == JSON_STRING ? item->text : "";
  }
  return result;
}

struct list reader_list(struct reader *reader, const struct json *list, size_t size) {
  uint32_t count = list == NULL ? 0 : list->count;
  struct list result = {reader_take(reader, (count + 1) * size), 0};
  if (result.at != NULL) result.count = count;
  return result;
}

const char *reader_format(struct reader *reader, const char *format, const char *one, const char *other) {
  size_t room = strlen(one) + strlen(other) + strlen(format);
  char *text = reader_take(reader, room);
  if (text != NULL) text_format(text, room, format, one, other);
  return text != NULL ? text : "";
}
