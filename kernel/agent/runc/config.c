#include "runc/config.h"
#include "base/text.h"
#include "runc/config_parts.h"
#include "runc/names.h"
#include <sched.h>
#include <string.h>

static void read_namespace(struct reader *reader, const struct json *item, struct runc_config *config) {
  const char *type = reader_string(reader, item, "type"), *path = reader_string(reader, item, "path");
  uint32_t bit = name_namespace(type);
  if (bit == 0) reader_refuse(reader, "namespace {\"%s\" \"\"} does not exist", type);
  if (bit == CLONE_NEWUSER) reader_refuse(reader, "user namespaces are not supported here%s", "");
  if ((config->spec.namespaces & bit) != 0)
    reader_refuse(reader, "malformed spec file: duplicated ns {\"%s\" \"\"}", type);
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
    reader_refuse(reader, "joining a %s namespace by its path is not supported here", type);
}

static void read_namespaces(struct reader *reader, const struct json *linux_, struct runc_config *config) {
  const struct json *list = reader_member(reader, linux_, "namespaces", JSON_LIST);
  config->join_network = config->join_ipc = config->join_pid = "";
  for (const struct json *item = list == NULL ? NULL : list->first; item != NULL; item = item->next)
    read_namespace(reader, item, config);
  if (*config->spec.hostname != '\0' && (config->spec.namespaces & CLONE_NEWUTS) == 0)
    reader_refuse(reader, "unable to set hostname without a private UTS namespace%s", "");
}

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
  const struct json *resources = reader_member(reader, linux_, "resources", JSON_OBJECT);
  spec->cgroup = reader_string(reader, linux_, "cgroupsPath");
  if (climbs(spec->cgroup) || strlen(spec->cgroup) > 200)
    reader_refuse(reader, "invalid cgroup path: %s", spec->cgroup);
  spec->masked_paths = reader_strings(reader, linux_, "maskedPaths");
  spec->readonly_paths = reader_strings(reader, linux_, "readonlyPaths");
  spec->devices = config_devices(reader, linux_);
  spec->device_rules = config_device_rules(reader, resources);
  spec->cgroup_files = config_limits(reader, resources);
  spec->sysctls = config_sysctls(reader, linux_);
  read_namespaces(reader, linux_, config);
  if (json_get(linux_, "seccomp") != NULL)
    reader_refuse(reader, "a seccomp profile is not supported here: docker run has one%s", "");
  if (json_get(linux_, "uidMappings") != NULL) reader_refuse(reader, "user namespaces are not supported here%s", "");
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
    reader_refuse(reader, "json: cannot unmarshal %s into Go value of type specs.Spec", json_type_name(root->type));
  return root;
}

static void read_root(struct reader *reader, const struct json *root, const char *bundle, struct container_spec *spec) {
  const struct json *object = reader_member(reader, root, "root", JSON_OBJECT);
  const char *path = reader_string(reader, object, "path");
  if (object == NULL) reader_refuse(reader, "root must be specified%s", "");
  spec->merged = *path == '/' ? path : reader_format(reader, "%s/%s", bundle, path);
  spec->readonly_root = reader_flag(reader, object, "readonly") ? 1 : 0;
}

int runc_config_read(struct arena *arena, const char *bundle, const char *text, size_t size, struct runc_config *config,
                     struct failure *failure) {
  struct reader reader = {arena, failure, false};
  struct container_spec *spec = &config->spec;
  const struct json *root = parse(&reader, text, size);
  if (reader.failed || record_decode(&container_shape, (struct bytes){0}, arena, spec) < 0) return -1;
  config->has_pid_namespace = false;
  config->oci_version = reader_string(&reader, root, "ociVersion");
  spec->hostname = reader_string(&reader, root, "hostname");
  spec->domainname = reader_string(&reader, root, "domainname");
  read_root(&reader, root, bundle, spec);
  const struct json *process = reader_member(&reader, root, "process", JSON_OBJECT);
  if (process == NULL) reader_refuse(&reader, "process property must not be empty%s", "");
  config_process(&reader, process, &spec->process);
  spec->mounts = config_mounts(&reader, root, bundle);
  read_linux(&reader, reader_member(&reader, root, "linux", JSON_OBJECT), config);
  if (has_hooks(root)) reader_refuse(&reader, "hooks are not supported here%s", "");
  const struct json *annotations = reader_member(&reader, root, "annotations", JSON_OBJECT);
  config->annotations = "";
  if (annotations != NULL && annotations->count > 0)
    config->annotations = arena_string(arena, annotations->from, annotations->size);
  return reader.failed || config->annotations == NULL ? -1 : 0;
}

int runc_process_read(struct arena *arena, const char *text, size_t size, struct process_spec *process,
                      struct failure *failure) {
  struct reader reader = {arena, failure, false};
  const struct json *root = parse(&reader, text, size);
  if (!reader.failed) config_process(&reader, root, process);
  return reader.failed ? -1 : 0;
}
