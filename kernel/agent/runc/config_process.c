#include "base/text.h"
#include "runc/config_parts.h"
#include "runc/names.h"

/* The agent has one set for all: as many as the bounding one holds. More than a program holds at its start comes to it
 * with its next exec (capabilities(7)), and this start is one. */
static uint64_t capabilities(struct reader *reader, const struct json *process) {
  const struct json *object = reader_member(reader, process, "capabilities", JSON_OBJECT);
  struct strings names = reader_strings(reader, object, "bounding");
  uint64_t bits = 0;
  for (uint32_t i = 0; i < names.count; i++) {
    int bit = name_capability(names.at[i]);
    /* runc warns of such a one and goes on. */
    if (bit >= 0) bits |= 1ull << bit;
  }
  return bits;
}

static struct list rlimits(struct reader *reader, const struct json *process) {
  const struct json *list = reader_member(reader, process, "rlimits", JSON_LIST);
  struct list result = reader_list(reader, list, sizeof(struct rlimit_spec));
  struct rlimit_spec *limit = result.at;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && limit != NULL; item = item->next) {
    int64_t soft = 0, hard = 0;
    int resource = name_rlimit(reader_string(reader, item, "type"));
    if (resource < 0) reader_refuse(reader, "wrong rlimit value: %s", reader_string(reader, item, "type"));
    reader_number(reader, item, "soft", &soft);
    reader_number(reader, item, "hard", &hard);
    *limit++ = (struct rlimit_spec){(uint32_t)resource, (uint64_t)soft, (uint64_t)hard};
  }
  return result;
}

static void read_user(struct reader *reader, const struct json *process, struct process_spec *to) {
  const struct json *user = reader_member(reader, process, "user", JSON_OBJECT);
  const struct json *more = reader_member(reader, user, "additionalGids", JSON_LIST);
  char *text = reader_take(reader, 32);
  text_format(text, 32, "%u:%u", reader_small(reader, user, "uid"), reader_small(reader, user, "gid"));
  to->user = text;
  uint32_t count = more == NULL ? 0 : more->count;
  to->groups = (struct strings){reader_take(reader, (count + 1) * sizeof(char *)), 0};
  for (const struct json *item = more == NULL ? NULL : more->first; item != NULL && to->groups.at != NULL;
       item = item->next) {
    int64_t group;
    if (!json_number(item, &group) || group < 0)
      reader_refuse(reader, "json: \"%s\" is a list of numbers", "additionalGids");
    to->groups.at[to->groups.count++] = item->text != NULL ? item->text : "0";
  }
}

void config_process(struct reader *reader, const struct json *process, struct process_spec *to) {
  int64_t score = 0;
  if (record_decode(&process_shape, (struct bytes){0}, reader->arena, to) < 0)
    reader_refuse(reader, "no memory for %s", "the process");
  to->args = reader_strings(reader, process, "args");
  to->env = reader_strings(reader, process, "env");
  to->cwd = reader_string(reader, process, "cwd");
  to->tty = reader_flag(reader, process, "terminal") ? 1 : 0;
  to->open_stdin = 1;
  to->no_new_privileges = reader_flag(reader, process, "noNewPrivileges") ? 1 : 0;
  to->capabilities = capabilities(reader, process);
  to->rlimits = rlimits(reader, process);
  if (reader_number(reader, process, "oomScoreAdj", &score) && (score < -1000 || score > 1000))
    reader_refuse(reader, "json: \"%s\" is between -1000 and 1000", "oomScoreAdj");
  to->oom_score_adj = (uint32_t)(int32_t)score;
  const struct json *size = reader_member(reader, process, "consoleSize", JSON_OBJECT);
  to->rows = reader_small(reader, size, "height");
  to->columns = reader_small(reader, size, "width");
  read_user(reader, process, to);
  if (*to->cwd != '/')
    reader_refuse(reader, *to->cwd == '\0' ? "Cwd property must not be empty%s" : "Cwd must be an absolute path%s", "");
  if (to->args.count == 0) reader_refuse(reader, "args must not be empty%s", "");
  if (*reader_string(reader, process, "apparmorProfile") != '\0')
    reader_refuse(reader, "AppArmor is not in this kernel%s", "");
  if (*reader_string(reader, process, "selinuxLabel") != '\0')
    reader_refuse(reader, "SELinux is not in this kernel%s", "");
}
