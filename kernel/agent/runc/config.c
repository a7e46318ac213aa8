#include "runc/config.h"
#include "base/text.h"
#include "files/files.h"
#include "runc/json.h"
#include "runc/names.h"
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

enum { rules_max = 256, any_device = 0xffffffff };

/* What is read after a fault is of no use, and says nothing more of it. */
struct reader {
  struct arena *arena;
  struct failure *failure;
  bool failed;
};

static void refuse(struct reader *reader, const char *format, const char *operand) {
  if (!reader->failed) fail(reader->failure, EINVAL, "config", format, operand);
  reader->failed = true;
}

static void *take(struct reader *reader, size_t size) {
  static uint64_t nowhere[64]; /* for one structure at least, so that the caller need not look */
  void *memory = arena_take(reader->arena, size);
  if (memory != NULL) return memory;
  refuse(reader, "no memory for %s", "the configuration");
  return size <= sizeof nowhere ? nowhere : NULL;
}

static const struct json *member(struct reader *reader, const struct json *object, const char *key,
                                 enum json_type type) {
  const struct json *value = json_get(object, key);
  if (value == NULL || value->type == type) return value;
  if (!reader->failed)
    fail(reader->failure, EINVAL, "config", "json: cannot unmarshal %s into \"%s\", which is %s",
         json_type_name(value->type), key, json_type_name(type));
  reader->failed = true;
  return NULL;
}

static const char *string(struct reader *reader, const struct json *object, const char *key) {
  const struct json *value = member(reader, object, key, JSON_STRING);
  return value == NULL ? "" : value->text;
}

static bool flag(struct reader *reader, const struct json *object, const char *key) {
  const struct json *value = member(reader, object, key, JSON_BOOL);
  return value != NULL && *value->text == 't';
}

/* Whether it is there. */
static bool number(struct reader *reader, const struct json *object, const char *key, int64_t *to) {
  const struct json *value = member(reader, object, key, JSON_NUMBER);
  if (value == NULL) return false;
  if (!json_number(value, to)) refuse(reader, "json: cannot unmarshal number into \"%s\", which is a whole one", key);
  return true;
}

static uint32_t small_number(struct reader *reader, const struct json *object, const char *key) {
  int64_t value = 0;
  if (number(reader, object, key, &value) && (value < 0 || value > UINT32_MAX))
    refuse(reader, "json: cannot unmarshal number into \"%s\"", key);
  return (uint32_t)value;
}

static struct strings strings(struct reader *reader, const struct json *object, const char *key) {
  const struct json *list = member(reader, object, key, JSON_LIST);
  uint32_t count = list == NULL ? 0 : list->count;
  struct strings result = {take(reader, (count + 1) * sizeof(char *)), 0};
  if (result.at == NULL) return result;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
    if (item->type != JSON_STRING) refuse(reader, "json: \"%s\" is a list of strings", key);
    result.at[result.count++] = item->type == JSON_STRING ? item->text : "";
  }
  return result;
}

/* The items of a list, each of `size` bytes. */
static struct list list_of(struct reader *reader, const struct json *list, size_t size) {
  uint32_t count = list == NULL ? 0 : list->count;
  struct list result = {take(reader, (count + 1) * size), 0};
  if (result.at != NULL) result.count = count;
  return result;
}

static const char *formatted(struct reader *reader, const char *format, const char *one, const char *other) {
  size_t room = strlen(one) + strlen(other) + strlen(format);
  char *text = take(reader, room);
  if (text != NULL) text_format(text, room, format, one, other);
  return text != NULL ? text : "";
}

/* --- the process --- */

/* The agent has one set for all: as many as the bounding one holds. More than a program holds at its start comes to it
 * with its next exec (capabilities(7)), and this start is one. */
static uint64_t capabilities(struct reader *reader, const struct json *process) {
  const struct json *object = member(reader, process, "capabilities", JSON_OBJECT);
  struct strings names = strings(reader, object, "bounding");
  uint64_t bits = 0;
  for (uint32_t i = 0; i < names.count; i++) {
    int bit = name_capability(names.at[i]);
    /* runc warns of such a one and goes on. */
    if (bit >= 0) bits |= 1ull << bit;
  }
  return bits;
}

static struct list rlimits(struct reader *reader, const struct json *process) {
  const struct json *list = member(reader, process, "rlimits", JSON_LIST);
  struct list result = list_of(reader, list, sizeof(struct rlimit_spec));
  struct rlimit_spec *limit = result.at;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && limit != NULL; item = item->next) {
    int64_t soft = 0, hard = 0;
    int resource = name_rlimit(string(reader, item, "type"));
    if (resource < 0) refuse(reader, "wrong rlimit value: %s", string(reader, item, "type"));
    number(reader, item, "soft", &soft);
    number(reader, item, "hard", &hard);
    *limit++ = (struct rlimit_spec){(uint32_t)resource, (uint64_t)soft, (uint64_t)hard};
  }
  return result;
}

static void read_user(struct reader *reader, const struct json *process, struct process_spec *to) {
  const struct json *user = member(reader, process, "user", JSON_OBJECT);
  const struct json *more = member(reader, user, "additionalGids", JSON_LIST);
  char *text = take(reader, 32);
  text_format(text, 32, "%u:%u", small_number(reader, user, "uid"), small_number(reader, user, "gid"));
  to->user = text;
  uint32_t count = more == NULL ? 0 : more->count;
  to->groups = (struct strings){take(reader, (count + 1) * sizeof(char *)), 0};
  for (const struct json *item = more == NULL ? NULL : more->first; item != NULL && to->groups.at != NULL;
       item = item->next) {
    int64_t group;
    if (!json_number(item, &group) || group < 0) refuse(reader, "json: \"%s\" is a list of numbers", "additionalGids");
    to->groups.at[to->groups.count++] = item->text != NULL ? item->text : "0";
  }
}

static void read_process(struct reader *reader, const struct json *process, struct process_spec *to) {
  int64_t score = 0;
  if (record_decode(&process_shape, (struct bytes){0}, reader->arena, to) < 0)
    refuse(reader, "no memory for %s", "the process");
  to->args = strings(reader, process, "args");
  to->env = strings(reader, process, "env");
  to->cwd = string(reader, process, "cwd");
  to->tty = flag(reader, process, "terminal") ? 1 : 0;
  to->open_stdin = 1;
  to->no_new_privileges = flag(reader, process, "noNewPrivileges") ? 1 : 0;
  to->capabilities = capabilities(reader, process);
  to->rlimits = rlimits(reader, process);
  if (number(reader, process, "oomScoreAdj", &score) && (score < -1000 || score > 1000))
    refuse(reader, "json: \"%s\" is between -1000 and 1000", "oomScoreAdj");
  to->oom_score_adj = (uint32_t)(int32_t)score;
  const struct json *size = member(reader, process, "consoleSize", JSON_OBJECT);
  to->rows = small_number(reader, size, "height");
  to->columns = small_number(reader, size, "width");
  read_user(reader, process, to);
  if (*to->cwd != '/')
    refuse(reader, *to->cwd == '\0' ? "Cwd property must not be empty%s" : "Cwd must be an absolute path%s", "");
  if (to->args.count == 0) refuse(reader, "args must not be empty%s", "");
  if (*string(reader, process, "apparmorProfile") != '\0') refuse(reader, "AppArmor is not in this kernel%s", "");
  if (*string(reader, process, "selinuxLabel") != '\0') refuse(reader, "SELinux is not in this kernel%s", "");
}

/* --- what is mounted, and devices --- */

static void read_mount(struct reader *reader, const struct json *item, const char *bundle, struct mount_spec *to) {
  struct strings options = strings(reader, item, "options");
  size_t room = 1;
  for (uint32_t i = 0; i < options.count; i++)
    room += strlen(options.at[i]) + 1;
  char *data = take(reader, room);
  size_t used = 0;
  to->target = string(reader, item, "destination");
  to->source = string(reader, item, "source");
  to->type = string(reader, item, "type");
  if (data == NULL || options.at == NULL) return;
  for (uint32_t i = 0; i < options.count; i++) {
    struct mount_option option = {0, 0, 0};
    if (name_mount_option(options.at[i], &option)) {
      to->flags = (to->flags & ~option.clear) | option.set;
      if (option.propagation != 0) to->propagation = option.propagation;
    } else {
      used += text_format(data + used, room - used, used > 0 ? ",%s" : "%s", options.at[i]);
    }
  }
  to->data = data;
  if (strcmp(to->type, "cgroup") == 0) to->type = "cgroup2";
  if (*to->target != '/') refuse(reader, "mount destination %s is not absolute", to->target);
  bool bind = (to->flags & MS_BIND) != 0 || strcmp(to->type, "bind") == 0;
  if (bind && *to->source != '/') to->source = formatted(reader, "%s/%s", bundle, to->source);
}

static struct list read_mounts(struct reader *reader, const struct json *root, const char *bundle) {
  const struct json *list = member(reader, root, "mounts", JSON_LIST);
  struct list result = list_of(reader, list, sizeof(struct mount_spec));
  struct mount_spec *to = result.at;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && to != NULL; item = item->next) {
    *to = (struct mount_spec){"", "", "", 0, "", 0};
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

static struct list read_devices(struct reader *reader, const struct json *linux_) {
  const struct json *list = member(reader, linux_, "devices", JSON_LIST);
  uint32_t more = list == NULL ? 0 : list->count;
  struct device_spec *at = take(reader, (standard_count + more) * sizeof *at);
  if (at == NULL) return (struct list){NULL, 0};
  memcpy(at, standard_devices, sizeof standard_devices);
  struct list result = {at, standard_count};
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next) {
    int64_t mode = 0666;
    number(reader, item, "fileMode", &mode);
    struct device_spec device = {
        string(reader, item, "path"),        string(reader, item, "type"), small_number(reader, item, "major"),
        small_number(reader, item, "minor"), (uint32_t)mode & 07777,       small_number(reader, item, "uid"),
        small_number(reader, item, "gid")};
    if (*device.path != '/' || strchr("cubp", *device.type) == NULL || *device.type == '\0')
      refuse(reader, "invalid device %s", device.path);
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
static struct list read_device_rules(struct reader *reader, const struct json *resources) {
  const struct json *list = member(reader, resources, "devices", JSON_LIST);
  struct list result = list_of(reader, list, sizeof(struct device_rule_spec));
  struct device_rule_spec *to = result.at;
  if (list != NULL && list->count > rules_max) refuse(reader, "more device rules than %s", "256");
  result.count = 0;
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL && to != NULL; item = item->next) {
    int64_t major = any_device, minor = any_device;
    const char *type = string(reader, item, "type");
    if (number(reader, item, "major", &major) && major < 0) major = any_device;
    if (number(reader, item, "minor", &minor) && minor < 0) minor = any_device;
    if (*type == '\0') type = "a";
    if (flag(reader, item, "allow")) {
      to[result.count++] = (struct device_rule_spec){type, (uint32_t)major, (uint32_t)minor,
                                                     access_bits(string(reader, item, "access"))};
    } else if (*type == 'a' && (uint32_t)major == any_device && (uint32_t)minor == any_device) {
      result.count = 0;
    } else {
      refuse(reader, "device rules that deny a single device are not supported here%s", "");
    }
  }
  return result;
}

/* --- name spaces --- */

static void read_namespace(struct reader *reader, const struct json *item, struct runc_config *config) {
  const char *type = string(reader, item, "type"), *path = string(reader, item, "path");
  uint32_t bit = name_namespace(type);
  if (bit == 0) refuse(reader, "namespace {\"%s\" \"\"} does not exist", type);
  if (bit == CLONE_NEWUSER) refuse(reader, "user namespaces are not supported here%s", "");
  if ((config->spec.namespaces & bit) != 0) refuse(reader, "malformed spec file: duplicated ns {\"%s\" \"\"}", type);
  config->spec.namespaces |= bit;
  if (bit == CLONE_NEWPID) config->has_pid_namespace = *path == '\0';
  if (*path == '\0') return;
  if (bit == CLONE_NEWNET)
    config->join_network = path;
  else if (bit == CLONE_NEWIPC)
    config->join_ipc = path;
  else if (bit == CLONE_NEWPID)
    config->join_pid = path;
  else
    refuse(reader, "joining a %s namespace by its path is not supported here", type);
}

static void read_namespaces(struct reader *reader, const struct json *linux_, struct runc_config *config) {
  const struct json *list = member(reader, linux_, "namespaces", JSON_LIST);
  config->join_network = config->join_ipc = config->join_pid = "";
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next)
    read_namespace(reader, item, config);
  if (*config->spec.hostname != '\0' && (config->spec.namespaces & CLONE_NEWUTS) == 0)
    refuse(reader, "unable to set hostname without a private UTS namespace%s", "");
}

/* --- limits --- */

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
  limits->at[limits->count++] = (struct cgroup_file_spec){name, formatted(limits->reader, format, first, second)};
}

static void read_unified(struct limits *limits, const struct json *unified) {
  for (const struct json *item = unified == NULL ? NULL : unified->first; item != NULL; item = item->next) {
    if (item->type != JSON_STRING || strchr(item->key, '/') != NULL)
      refuse(limits->reader, "invalid unified resource \"%s\"", item->key);
    else
      limits->at[limits->count++] = (struct cgroup_file_spec){item->key, item->text};
  }
}

/* runc's conversions from the words of cgroup v1 (libcontainer/cgroups/fs2). */
static struct list read_limits(struct reader *reader, const struct json *resources) {
  const struct json *memory = member(reader, resources, "memory", JSON_OBJECT);
  const struct json *cpu = member(reader, resources, "cpu", JSON_OBJECT);
  const struct json *pids = member(reader, resources, "pids", JSON_OBJECT);
  const struct json *unified = member(reader, resources, "unified", JSON_OBJECT);
  uint32_t room = 8 + (unified == NULL ? 0 : unified->count);
  struct limits limits = {reader, take(reader, room * sizeof(struct cgroup_file_spec)), 0};
  int64_t limit = 0, value, quota = -1, period = 100000;
  if (limits.at == NULL) return (struct list){NULL, 0};
  bool limited = number(reader, memory, "limit", &limit) && limit != 0;
  if (limited) set(&limits, "memory.max", "%s", limit, 0);
  if (number(reader, memory, "reservation", &value) && value != 0) set(&limits, "memory.low", "%s", value, 0);
  if (number(reader, memory, "swap", &value) && value != 0) {
    if (value > 0 && (!limited || value < limit)) refuse(reader, "memory+swap limit should be >= memory limit%s", "");
    set(&limits, "memory.swap.max", "%s", value < 0 ? -1 : value - limit, 0);
  }
  if (number(reader, cpu, "shares", &value) && value != 0) {
    if (value < 2 || value > 262144) refuse(reader, "cpu shares are between 2 and 262144%s", "");
    set(&limits, "cpu.weight", "%s", 1 + (value - 2) * 9999 / 262142, 0);
  }
  bool has_quota = number(reader, cpu, "quota", &quota) && quota != 0;
  bool has_period = number(reader, cpu, "period", &period) && period != 0;
  if (has_quota || has_period) set(&limits, "cpu.max", "%s %s", has_quota ? quota : -1, has_period ? period : 100000);
  if (number(reader, pids, "limit", &value) && value != 0) set(&limits, "pids.max", "%s", value, 0);
  read_unified(&limits, unified);
  return (struct list){limits.at, limits.count};
}

static struct list read_sysctls(struct reader *reader, const struct json *linux_) {
  const struct json *object = member(reader, linux_, "sysctl", JSON_OBJECT);
  struct list result = list_of(reader, object, sizeof(struct cgroup_file_spec));
  struct cgroup_file_spec *to = result.at;
  for (const struct json *item = object == NULL ? NULL : object->first; item != NULL && to != NULL; item = item->next) {
    if (item->type != JSON_STRING) refuse(reader, "sysctl \"%s\" is no string", item->key);
    *to++ = (struct cgroup_file_spec){item->key, item->type == JSON_STRING ? item->text : ""};
  }
  return result;
}

/* --- all of it --- */

/* A name of the hierarchy, which has no way up. */
static bool climbs(const char *path) {
  for (const char *part = path; part != NULL; part = strchr(part, '/')) {
    while (*part == '/')
      part++;
    if (text_starts(part, "..") && (part[2] == '/' || part[2] == '\0')) return true;
    if (*part == '\0') break;
  }
  return false;
}

static void read_linux(struct reader *reader, const struct json *linux_, struct runc_config *config) {
  struct container_spec *spec = &config->spec;
  const struct json *resources = member(reader, linux_, "resources", JSON_OBJECT);
  spec->cgroup = string(reader, linux_, "cgroupsPath");
  if (climbs(spec->cgroup) || strlen(spec->cgroup) > 200) refuse(reader, "invalid cgroup path: %s", spec->cgroup);
  spec->masked_paths = strings(reader, linux_, "maskedPaths");
  spec->readonly_paths = strings(reader, linux_, "readonlyPaths");
  spec->devices = read_devices(reader, linux_);
  spec->device_rules = read_device_rules(reader, resources);
  spec->cgroup_files = read_limits(reader, resources);
  spec->sysctls = read_sysctls(reader, linux_);
  read_namespaces(reader, linux_, config);
  if (json_get(linux_, "seccomp") != NULL)
    refuse(reader, "a seccomp profile is not supported here: docker run has one%s", "");
  if (json_get(linux_, "uidMappings") != NULL) refuse(reader, "user namespaces are not supported here%s", "");
}

static bool has_hooks(const struct json *root) {
  const struct json *hooks = json_get(root, "hooks");
  for (const struct json *kind = hooks == NULL ? NULL : hooks->first; kind != NULL; kind = kind->next)
    if (kind->count > 0) return true;
  return false;
}

static const struct json *parse(struct reader *reader, const char *text, size_t size) {
  const struct json *root = json_parse(reader->arena, text, size, reader->failure);
  if (root == NULL)
    reader->failed = true;
  else if (root->type != JSON_OBJECT)
    refuse(reader, "json: cannot unmarshal %s into Go value of type specs.Spec", json_type_name(root->type));
  return root;
}

static void read_root(struct reader *reader, const struct json *root, const char *bundle, struct container_spec *spec) {
  const struct json *object = member(reader, root, "root", JSON_OBJECT);
  const char *path = string(reader, object, "path");
  if (object == NULL) refuse(reader, "root must be specified%s", "");
  spec->merged = *path == '/' ? path : formatted(reader, "%s/%s", bundle, path);
  spec->readonly_root = flag(reader, object, "readonly") ? 1 : 0;
}

int runc_config_read(struct arena *arena, const char *bundle, const char *text, size_t size, struct runc_config *config,
                     struct failure *failure) {
  struct reader reader = {arena, failure, false};
  struct container_spec *spec = &config->spec;
  const struct json *root = parse(&reader, text, size);
  if (reader.failed || record_decode(&container_shape, (struct bytes){0}, arena, spec) < 0) return -1;
  config->has_pid_namespace = false;
  config->oci_version = string(&reader, root, "ociVersion");
  spec->hostname = string(&reader, root, "hostname");
  spec->domainname = string(&reader, root, "domainname");
  read_root(&reader, root, bundle, spec);
  const struct json *process = member(&reader, root, "process", JSON_OBJECT);
  if (process == NULL) refuse(&reader, "process property must not be empty%s", "");
  read_process(&reader, process, &spec->process);
  spec->mounts = read_mounts(&reader, root, bundle);
  read_linux(&reader, member(&reader, root, "linux", JSON_OBJECT), config);
  if (has_hooks(root)) refuse(&reader, "hooks are not supported here%s", "");
  const struct json *annotations = member(&reader, root, "annotations", JSON_OBJECT);
  config->annotations = "";
  if (annotations != NULL && annotations->count > 0)
    config->annotations = arena_string(arena, annotations->from, annotations->size);
  return reader.failed || config->annotations == NULL ? -1 : 0;
}

int runc_process_read(struct arena *arena, const char *text, size_t size, struct process_spec *process,
                      struct failure *failure) {
  struct reader reader = {arena, failure, false};
  const struct json *root = parse(&reader, text, size);
  if (!reader.failed) read_process(&reader, root, process);
  return reader.failed ? -1 : 0;
}
