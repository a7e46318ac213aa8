#include "runc/config_parts.h"
#include <string.h>

struct limits {
  struct reader *reader;
  struct cgroup_file_spec *at;
  uint32_t count;
};

/* A number of 64 bits, which text_format does not know; "max" for one below 0. */
static void decimal(char to[24], int64_t number) {
  char digits[24];
  size_t count = 0;
  uint64_t rest = (uint64_t)number;
  if (number < 0) {
    memcpy(to, "max", 4);
    return;
  }
  do
    digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  for (size_t i = 0; i < count; i++)
    to[i] = digits[count - 1 - i];
  to[count] = '\0';
}

static void set(struct limits *limits, const char *name, const char *format, int64_t one, int64_t other) {
  char first[24], second[24];
  decimal(first, one);
  decimal(second, other);
  limits->at[limits->count++] = (struct cgroup_file_spec){name, reader_format(limits->reader, format, first, second)};
}

static void read_unified(struct limits *limits, const struct json *unified) {
  for (const struct json *item = unified == NULL ? NULL : unified->first; item != NULL; item = item->next) {
    if (item->type != JSON_STRING || strchr(item->key, '/') != NULL)
      reader_refuse(limits->reader, "invalid unified resource \"%s\"", item->key);
    else
      limits->at[limits->count++] = (struct cgroup_file_spec){item->key, item->text};
  }
}

/* runc's conversions from the words of cgroup v1 (libcontainer/cgroups/fs2). */
struct list config_limits(struct reader *reader, const struct json *resources) {
  const struct json *memory = reader_member(reader, resources, "memory", JSON_OBJECT);
  const struct json *cpu = reader_member(reader, resources, "cpu", JSON_OBJECT);
  const struct json *pids = reader_member(reader, resources, "pids", JSON_OBJECT);
  const struct json *unified = reader_member(reader, resources, "unified", JSON_OBJECT);
  uint32_t room = 8 + (unified == NULL ? 0 : unified->count);
  struct limits limits = {reader, reader_take(reader, room * sizeof(struct cgroup_file_spec)), 0};
  int64_t limit = 0, value, quota = -1, period = 100000;
  if (limits.at == NULL) return (struct list){NULL, 0};
  bool limited = reader_number(reader, memory, "limit", &limit) && limit != 0;
  if (limited) set(&limits, "memory.max", "%s", limit, 0);
  if (reader_number(reader, memory, "reservation", &value) && value != 0) set(&limits, "memory.low", "%s", value, 0);
  if (reader_number(reader, memory, "swap", &value) && value != 0) {
    if (value > 0 && (!limited || value < limit))
      reader_refuse(reader, "memory+swap limit should be >= memory limit%s", "");
    set(&limits, "memory.swap.max", "%s", value < 0 ? -1 : value - limit, 0);
  }
  if (reader_number(reader, cpu, "shares", &value) && value != 0) {
    if (value < 2 || value > 262144) reader_refuse(reader, "cpu shares are between 2 and 262144%s", "");
    set(&limits, "cpu.weight", "%s", 1 + (value - 2) * 9999 / 262142, 0);
  }
  bool has_quota = reader_number(reader, cpu, "quota", &quota) && quota != 0;
  bool has_period = reader_number(reader, cpu, "period", &period) && period != 0;
  if (has_quota || has_period) set(&limits, "cpu.max", "%s %s", has_quota ? quota : -1, has_period ? period : 100000);
  if (reader_number(reader, pids, "limit", &value) && value != 0) set(&limits, "pids.max", "%s", value, 0);
  read_unified(&limits, unified);
  return (struct list){limits.at, limits.count};
}

struct list config_sysctls(struct reader *reader, const struct json *linux_) {
  const struct json *object = reader_member(reader, linux_, "sysctl", JSON_OBJECT);
  struct list result = reader_list(reader, object, sizeof(struct cgroup_file_spec));
  struct cgroup_file_spec *to = result.at;
  for (const struct json *item = object == NULL ? NULL : object->first; item != NULL && to != NULL; item = item->next) {
    if (item->type != JSON_STRING) reader_refuse(reader, "sysctl \"%s\" is no string", item->key);
    *to++ = (struct cgroup_file_spec){item->key, item->type == JSON_STRING ? item->text : ""};
  }
  return result;
}
