#include "base/text.h"
#include "runc/config_parts.h"
#include "runc/names.h"
#include <string.h>
#include <sys/mount.h>

enum { rules_max = 256, any_device = 0xffffffff };

static void read_mount(struct reader *reader, const struct json *item, const char *bundle, struct mount_spec *to) {
  struct strings options = reader_strings(reader, item, "options");
  size_t room = 1;
  for (uint32_t i = 0; i < options.count; i++)
    room += strlen(options.at[i]) + 1;
  char *data = reader_take(reader, room);
  size_t used = 0;
  to->target = reader_string(reader, item, "destination");
  to->source = reader_string(reader, item, "source");
  to->type = reader_string(reader, item, "type");
  if (data == NULL || options.at == NULL) return;
  for (uint32_t i = 0; i < options.count; i++) {
    struct mount_option option = {0, 0, 0};
    if (strcmp(options.at[i], "rro") == 0) {
      to->flags |= MS_RDONLY;
      to->recursive_read_only = 1;
    } else if (name_mount_option(options.at[i], &option)) {
      to->flags = (to->flags & ~option.clear) | option.set;
      if (option.propagation != 0) to->propagation = option.propagation;
    } else {
      used += text_format(data + used, room - used, used > 0 ? ",%s" : "%s", options.at[i]);
    }
  }
  to->data = data;
  if (strcmp(to->type, "cgroup") == 0) to->type = "cgroup2";
  if (*to->target != '/') reader_refuse(reader, "mount destination %s is not absolute", to->target);
  bool bind = (to->flags & MS_BIND) != 0 || strcmp(to->type, "bind") == 0;
  if (bind && *to->source != '/') to->source = reader_format(reader, "%s/%s", bundle, to->source);
}

struct list config_mounts(struct reader *reader, const struct json *root, const char *bundle) {
  const struct json *list = reader_member(reader, root, "mounts", JSON_LIST);
  struct list result = reader_list(reader, list, sizeof(struct mount_spec));
  struct mount_spec *to = result.at;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && to != NULL; item = item->next) {
    *to = (struct mount_spec){.source = "", .target = "", .type = "", .data = "", .subpath = ""};
    read_mount(reader, item, bundle, to++);
  }
  return result;
}

/* config-linux.md, "Default Devices". */
static const struct device_spec standard_devices[] = {
    {"/dev/null", "c", 1, 3, 0666, 0, 0},    {"/dev/zero", "c", 1, 5, 0666, 0, 0},
    {"/dev/full", "c", 1, 7, 0666, 0, 0},    {"/dev/random", "c", 1, 8, 0666, 0, 0},
    {"/dev/urandom", "c", 1, 9, 0666, 0, 0}, {"/dev/tty", "c", 5, 0, 0666, 0, 0},
};
enum { standard_count = sizeof standard_devices / sizeof standard_devices[0] };

struct list config_devices(struct reader *reader, const struct json *linux_) {
  const struct json *list = reader_member(reader, linux_, "devices", JSON_LIST);
  uint32_t more = list == NULL ? 0 : list->count;
  struct device_spec *at = reader_take(reader, (standard_count + more) * sizeof *at);
  if (at == NULL) return (struct list){NULL, 0};
  memcpy(at, standard_devices, sizeof standard_devices);
  struct list result = {at, standard_count};
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
    int64_t mode = 0666;
    reader_number(reader, item, "fileMode", &mode);
    struct device_spec device = {reader_string(reader, item, "path"),
                                 reader_string(reader, item, "type"),
                                 reader_small(reader, item, "major"),
                                 reader_small(reader, item, "minor"),
                                 (uint32_t)mode & 07777,
                                 reader_small(reader, item, "uid"),
                                 reader_small(reader, item, "gid")};
    if (*device.path != '/' || strchr("cubp", *device.type) == NULL || *device.type == '\0')
      reader_refuse(reader, "invalid device %s", device.path);
    at[result.count++] = device;
  }
  return result;
}

static uint32_t access_bits(const char *access) {
  return (strchr(access, 'm') != NULL ? 1u : 0) | (strchr(access, 'r') != NULL ? 2u : 0) |
         (strchr(access, 'w') != NULL ? 4u : 0);
}

/* The agent allows what is named and Docker's default devices. A rule that denies everything says so, too; one that
 * takes a part back is beyond it. */
struct list config_device_rules(struct reader *reader, const struct json *resources) {
  const struct json *list = reader_member(reader, resources, "devices", JSON_LIST);
  struct list result = reader_list(reader, list, sizeof(struct device_rule_spec));
  struct device_rule_spec *to = result.at;
  if (list != NULL && list->count > rules_max) reader_refuse(reader, "more device rules than %s", "256");
  result.count = 0;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && to != NULL; item = item->next) {
    int64_t major = any_device, minor = any_device;
    const char *type = reader_string(reader, item, "type");
    if (reader_number(reader, item, "major", &major) && major < 0) major = any_device;
    if (reader_number(reader, item, "minor", &minor) && minor < 0) minor = any_device;
    if (*type == '\0') type = "a";
    if (reader_flag(reader, item, "allow")) {
      to[result.count++] = (struct device_rule_spec){type, (uint32_t)major, (uint32_t)minor,
                                                     access_bits(reader_string(reader, item, "access"))};
    } else if (*type == 'a' && (uint32_t)major == any_device && (uint32_t)minor == any_device) {
      result.count = 0;
    } else {
      reader_refuse(reader, "device rules that deny a single device are not supported here%s", "");
    }
  }
  return result;
}
