#include "runc/json.h"
#include "base/text.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>

struct parser {
  struct arena *arena;
  struct failure *failure;
  const char *at, *end;
  uint32_t values;
};

static struct json *parse_value(struct parser *parser, int depth);

static struct json *refuse(struct parser *parser, const char *what) {
  if (parser->at >= parser->end) {
    fail(parser->failure, EINVAL, "json", "unexpected EOF");
  } else {
    unsigned char byte = (unsigned char)*parser->at;
    char shown[8] = {byte >= 0x20 && byte < 0x7f ? (char)byte : '?', '\0'};
    fail(parser->failure, EINVAL, "json", "invalid character '%s' %s", shown, what);
  }
  return NULL;
}

static void skip_space(struct parser *parser) {
  while (parser->at < parser->end && strchr(" \t\r\n", *parser->at) != NULL && *parser->at != '\0')
    parser->at++;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 32) >= 'a' && (c | 32) <= 'f') return (c | 32) - 'a' + 10;
  return -1;
}

static int64_t hex4(const char *at, const char *end) {
  int64_t value = 0;
  if (end - at < 4) return -1;
  for (int i = 0; i < 4; i++) {
    int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

static char *put_utf8(char *to, uint32_t point) {
  if (point < 0x80) {
    *to++ = (char)point;
  } else if (point < 0x800) {
    *to++ = (char)(0xc0 | point >> 6);
    *to++ = (char)(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    *to++ = (char)(0xe0 | point >> 12);
    *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    *to++ = (char)(0x80 | (point & 0x3f));
  } else {
    *to++ = (char)(0xf0 | point >> 18);
    *to++ = (char)(0x80 | (point >> 12 & 0x3f));
    *to++ = (char)(0x80 | (point >> 6 & 0x3f));
    *to++ = (char)(0x80 | (point & 0x3f));
  }
  return to;
}

/* What stands after "\u"; half a pair of surrogates is U+FFFD, as Go reads it. -1 where there are no four digits. */
static int64_t unicode_escape(struct parser *parser) {
  int64_t point = hex4(parser->at, parser->end);
  if (point < 0) return -1;
  parser->at += 4;
  if (point < 0xd800 || point > 0xdfff) return point;
  if (point < 0xdc00 && parser->end - parser->at >= 6 && parser->at[0] == '\\' && parser->at[1] == 'u') {
    int64_t low = hex4(parser->at + 2, parser->end);
    if (low >= 0xdc00 && low <= 0xdfff) {
      parser->at += 6;
      return 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
  }
  return 0xfffd;
}

/* The contents of a string, whose quote is behind. A NUL would end it for every system call: refused. */
static const char *parse_string(struct parser *parser) {
  static const char from[] = "\"\\/bfnrt", into[] = "\"\\/\b\f\n\r\t";
  size_t limit = 0;
  while (parser->at + limit < parser->end && parser->at[limit] != '"')
    limit += parser->at[limit] == '\\' ? 2 : 1;
  /* An escape never becomes longer than it is written. */
  char *start = arena_take(parser->arena, limit + 1), *to = start;
  if (start == NULL) {
    fail(parser->failure, ENOMEM, "json", "no memory for a string");
    return NULL;
  }
  while (parser->at < parser->end && *parser->at != '"') {
    char c = *parser->at++;
    if ((unsigned char)c < 0x20) {
      parser->at--;
      refuse(parser, "in string literal");
      return NULL;
    }
    if (c != '\\') {
      *to++ = c;
      continue;
    }
    const char *escape = parser->at < parser->end && *parser->at != '\0' ? strchr(from, *parser->at) : NULL;
    if (escape != NULL) {
      *to++ = into[escape - from];
      parser->at++;
      continue;
    }
    if (parser->at >= parser->end || *parser->at++ != 'u') break;
    int64_t point = unicode_escape(parser);
    if (point <= 0) {
      fail(parser->failure, EINVAL, "json",
           point == 0 ? "a string with a NUL" : "invalid \\u escape in string literal");
      return NULL;
    }
    to = put_utf8(to, (uint32_t)point);
  }
  if (parser->at >= parser->end || *parser->at != '"') {
    refuse(parser, "in string escape code");
    return NULL;
  }
  parser->at++;
  *to = '\0';
  return start;
}

static bool take(struct parser *parser, char c) {
  skip_space(parser);
  if (parser->at >= parser->end || *parser->at != c) return false;
  parser->at++;
  return true;
}

static struct json *parse_members(struct parser *parser, struct json *value, int depth) {
  bool object = value->type == JSON_OBJECT;
  char close = object ? '}' : ']';
  struct json **last = &value->first;
  if (take(parser, close)) return value;
  do {
    const char *key = NULL;
    if (object) {
      if (!take(parser, '"')) return refuse(parser, "looking for beginning of object key string");
      if ((key = parse_string(parser)) == NULL) return NULL;
      if (!take(parser, ':')) return refuse(parser, "after object key");
    }
    struct json *member = parse_value(parser, depth + 1);
    if (member == NULL) return NULL;
    member->key = key;
    *last = member;
    last = &member->next;
    value->count++;
  } while (take(parser, ','));
  return take(parser, close) ? value : refuse(parser, object ? "after object key:value pair" : "after array element");
}

static struct json *parse_word(struct parser *parser, struct json *value) {
  const char *start = parser->at;
  while (parser->at < parser->end && ((*parser->at >= 'a' && *parser->at <= 'z') || hex_digit(*parser->at) >= 0 ||
                                      *parser->at == '-' || *parser->at == '+' || *parser->at == '.'))
    parser->at++;
  size_t size = (size_t)(parser->at - start);
  if ((value->text = arena_string(parser->arena, start, size)) == NULL) {
    fail(parser->failure, ENOMEM, "json", "no memory for a value");
    return NULL;
  }
  value->type = JSON_NUMBER;
  if (strcmp(value->text, "null") == 0)
    value->type = JSON_NULL;
  else if (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0)
    value->type = JSON_BOOL;
  else if (size == 0 || !(*start == '-' || (*start >= '0' && *start <= '9'))) {
    parser->at = start;
    return refuse(parser, "looking for beginning of value");
  }
  return value;
}

static struct json *parse_value(struct parser *parser, int depth) {
  if (depth > json_depth_max || ++parser->values > json_values_max) {
    fail(parser->failure, E2BIG, "json", depth > json_depth_max ? "exceeded max depth" : "too many values");
    return NULL;
  }
  skip_space(parser);
  struct json *value = arena_take(parser->arena, sizeof *value);
  if (value == NULL) {
    fail(parser->failure, ENOMEM, "json", "no memory for a value");
    return NULL;
  }
  value->from = parser->at;
  struct json *result = value;
  if (take(parser, '"')) {
    value->type = JSON_STRING;
    if ((value->text = parse_string(parser)) == NULL) return NULL;
  } else if (take(parser, '{') || take(parser, '[')) {
    value->type = parser->at[-1] == '{' ? JSON_OBJECT : JSON_LIST;
    result = parse_members(parser, value, depth);
  } else {
    result = parse_word(parser, value);
  }
  value->size = (size_t)(parser->at - value->from);
  return result;
}

const struct json *json_parse(struct arena *arena, const char *text, size_t size, struct failure *failure) {
  struct parser parser = {arena, failure, text, text + size, 0};
  const struct json *value = parse_value(&parser, 0);
  if (value == NULL) return NULL;
  skip_space(&parser);
  return parser.at == parser.end ? value : refuse(&parser, "after top-level value");
}

const struct json *json_get(const struct json *object, const char *key) {
  const struct json *found = NULL;
  if (object == NULL || object->type != JSON_OBJECT) return NULL;
  for (const struct json *member = object->first; member != NULL; member = member->next)
    if (strcmp(member->key, key) == 0) found = member;
  return found == NULL || found->type == JSON_NULL ? NULL : found;
}

bool json_number(const struct json *value, int64_t *number) {
  if (value == NULL || value->type != JSON_NUMBER) return false;
  bool negative = *value->text == '-';
  uint64_t size;
  if (!text_number(value->text + (negative ? 1 : 0), INT64_MAX, &size)) return false;
  *number = negative ? -(int64_t)size : (int64_t)size;
  return true;
}

const char *json_type_name(enum json_type type) {
  static const char *const names[] = {"null", "a bool", "a number", "a string", "a list", "an object"};
  return names[type];
}

size_t json_quote(char *to, size_t room, const char *text) {
  static const char digits[] = "0123456789abcdef";
  size_t at = 0;
  if (room < 3) return 0;
  to[at++] = '"';
  for (; *text != '\0' && at + 8 < room; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') {
      to[at++] = '\\';
      to[at++] = (char)c;
    } else if (c < 0x20) {
      memcpy(to + at, "\\u00", 4);
      to[at + 4] = digits[c >> 4];
      to[at + 5] = digits[c & 15];
      at += 6;
    } else {
      to[at++] = (char)c;
    }
  }
  to[at++] = '"';
  to[at] = '\0';
  return at;
}
