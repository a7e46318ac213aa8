#include "wire/spec.h"
#include "wire/protocol.h"

#define FIELD(structure, member, type)                                                                                 \
  { type, offsetof(struct structure, member), NULL }
#define NEST(structure, member, type, shape)                                                                           \
  { type, offsetof(struct structure, member), &shape }
#define SHAPE(fields, structure)                                                                                       \
  { fields, sizeof fields / sizeof fields[0], sizeof(struct structure) }

static const struct shape_field rlimit_fields[] = {
    [DD_TAG_RLIMIT_RESOURCE] = FIELD(rlimit_spec, resource, FIELD_U32),
    [DD_TAG_RLIMIT_SOFT] = FIELD(rlimit_spec, soft, FIELD_U64),
    [DD_TAG_RLIMIT_HARD] = FIELD(rlimit_spec, hard, FIELD_U64),
};
static const struct shape rlimit_shape = SHAPE(rlimit_fields, rlimit_spec);

static const struct shape_field pair_fields[] = {
    [DD_TAG_CGROUP_FILE_NAME] = FIELD(pair_spec, name, FIELD_STRING),
    [DD_TAG_CGROUP_FILE_VALUE] = FIELD(pair_spec, value, FIELD_STRING),
};
static const struct shape pair_shape = SHAPE(pair_fields, pair_spec);

static const struct shape_field mount_fields[] = {
    [DD_TAG_MOUNT_SOURCE] = FIELD(mount_spec, source, FIELD_STRING),
    [DD_TAG_MOUNT_TARGET] = FIELD(mount_spec, target, FIELD_STRING),
    [DD_TAG_MOUNT_TYPE] = FIELD(mount_spec, type, FIELD_STRING),
    [DD_TAG_MOUNT_FLAGS] = FIELD(mount_spec, flags, FIELD_U32),
    [DD_TAG_MOUNT_DATA] = FIELD(mount_spec, data, FIELD_STRING),
    [DD_TAG_MOUNT_PROPAGATION] = FIELD(mount_spec, propagation, FIELD_U32),
};
static const struct shape mount_shape = SHAPE(mount_fields, mount_spec);

static const struct shape_field device_fields[] = {
    [DD_TAG_DEVICE_PATH] = FIELD(device_spec, path, FIELD_STRING),
    [DD_TAG_DEVICE_TYPE] = FIELD(device_spec, type, FIELD_STRING),
    [DD_TAG_DEVICE_MAJOR] = FIELD(device_spec, major, FIELD_U32),
    [DD_TAG_DEVICE_MINOR] = FIELD(device_spec, minor, FIELD_U32),
    [DD_TAG_DEVICE_MODE] = FIELD(device_spec, mode, FIELD_U32),
    [DD_TAG_DEVICE_UID] = FIELD(device_spec, uid, FIELD_U32),
    [DD_TAG_DEVICE_GID] = FIELD(device_spec, gid, FIELD_U32),
};
static const struct shape device_shape = SHAPE(device_fields, device_spec);

static const struct shape_field file_fields[] = {
    [DD_TAG_FILE_PATH] = FIELD(file_spec, path, FIELD_STRING),
    [DD_TAG_FILE_MODE] = FIELD(file_spec, mode, FIELD_U32),
    [DD_TAG_FILE_CONTENTS] = FIELD(file_spec, contents, FIELD_BYTES),
    [DD_TAG_FILE_UID] = FIELD(file_spec, uid, FIELD_U32),
    [DD_TAG_FILE_GID] = FIELD(file_spec, gid, FIELD_U32),
};
static const struct shape file_shape = SHAPE(file_fields, file_spec);

static const struct shape_field endpoint_fields[] = {
    [DD_TAG_ENDPOINT_BRIDGE] = FIELD(endpoint_spec, bridge, FIELD_STRING),
    [DD_TAG_ENDPOINT_HOST_NAME] = FIELD(endpoint_spec, host_name, FIELD_STRING),
    [DD_TAG_ENDPOINT_NAME] = FIELD(endpoint_spec, name, FIELD_STRING),
    [DD_TAG_ENDPOINT_ADDRESS] = FIELD(endpoint_spec, address, FIELD_STRING),
    [DD_TAG_ENDPOINT_PREFIX] = FIELD(endpoint_spec, prefix, FIELD_U32),
    [DD_TAG_ENDPOINT_GATEWAY] = FIELD(endpoint_spec, gateway, FIELD_STRING),
    [DD_TAG_ENDPOINT_MAC] = FIELD(endpoint_spec, mac, FIELD_STRING),
    [DD_TAG_ENDPOINT_MTU] = FIELD(endpoint_spec, mtu, FIELD_U32),
};
static const struct shape endpoint_shape = SHAPE(endpoint_fields, endpoint_spec);

static const struct shape_field process_fields[] = {
    [DD_TAG_PROCESS_ARGS] = FIELD(process_spec, args, FIELD_STRINGS),
    [DD_TAG_PROCESS_ENV] = FIELD(process_spec, env, FIELD_STRINGS),
    [DD_TAG_PROCESS_CWD] = FIELD(process_spec, cwd, FIELD_STRING),
    [DD_TAG_PROCESS_USER] = FIELD(process_spec, user, FIELD_STRING),
    [DD_TAG_PROCESS_GROUPS] = FIELD(process_spec, groups, FIELD_STRINGS),
    [DD_TAG_PROCESS_TTY] = FIELD(process_spec, tty, FIELD_U32),
    [DD_TAG_PROCESS_OPEN_STDIN] = FIELD(process_spec, open_stdin, FIELD_U32),
    [DD_TAG_PROCESS_ROWS] = FIELD(process_spec, rows, FIELD_U32),
    [DD_TAG_PROCESS_COLUMNS] = FIELD(process_spec, columns, FIELD_U32),
    [DD_TAG_PROCESS_CAPABILITIES] = FIELD(process_spec, capabilities, FIELD_U64),
    [DD_TAG_PROCESS_NO_NEW_PRIVILEGES] = FIELD(process_spec, no_new_privileges, FIELD_U32),
    [DD_TAG_PROCESS_SECCOMP] = FIELD(process_spec, seccomp, FIELD_BYTES),
    [DD_TAG_PROCESS_RLIMITS] = NEST(process_spec, rlimits, FIELD_RECORDS, rlimit_shape),
    [DD_TAG_PROCESS_OOM_SCORE_ADJ] = FIELD(process_spec, oom_score_adj, FIELD_U32),
    [DD_TAG_PROCESS_PRIVILEGED] = FIELD(process_spec, privileged, FIELD_U32),
};
static const struct shape process_shape = SHAPE(process_fields, process_spec);

static const struct shape_field container_fields[] = {
    [DD_TAG_CONTAINER_SPEC_ID] = FIELD(container_spec, id, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_HOSTNAME] = FIELD(container_spec, hostname, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_DOMAINNAME] = FIELD(container_spec, domainname, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_LOWERS] = FIELD(container_spec, lowers, FIELD_STRINGS),
    [DD_TAG_CONTAINER_SPEC_UPPER] = FIELD(container_spec, upper, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_WORK] = FIELD(container_spec, work, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_MERGED] = FIELD(container_spec, merged, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_READONLY_ROOT] = FIELD(container_spec, readonly_root, FIELD_U32),
    [DD_TAG_CONTAINER_SPEC_MOUNTS] = NEST(container_spec, mounts, FIELD_RECORDS, mount_shape),
    [DD_TAG_CONTAINER_SPEC_DEVICES] = NEST(container_spec, devices, FIELD_RECORDS, device_shape),
    [DD_TAG_CONTAINER_SPEC_MASKED_PATHS] = FIELD(container_spec, masked_paths, FIELD_STRINGS),
    [DD_TAG_CONTAINER_SPEC_READONLY_PATHS] = FIELD(container_spec, readonly_paths, FIELD_STRINGS),
    [DD_TAG_CONTAINER_SPEC_FILES] = NEST(container_spec, files, FIELD_RECORDS, file_shape),
    [DD_TAG_CONTAINER_SPEC_CGROUP] = FIELD(container_spec, cgroup, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_CGROUP_FILES] = NEST(container_spec, cgroup_files, FIELD_RECORDS, pair_shape),
    [DD_TAG_CONTAINER_SPEC_NAMESPACES] = FIELD(container_spec, namespaces, FIELD_U32),
    [DD_TAG_CONTAINER_SPEC_JOIN_NETWORK] = FIELD(container_spec, join_network, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_JOIN_PID] = FIELD(container_spec, join_pid, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_JOIN_IPC] = FIELD(container_spec, join_ipc, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_SHARED_MEMORY] = FIELD(container_spec, shared_memory, FIELD_STRING),
    [DD_TAG_CONTAINER_SPEC_ENDPOINTS] = NEST(container_spec, endpoints, FIELD_RECORDS, endpoint_shape),
    [DD_TAG_CONTAINER_SPEC_SYSCTLS] = NEST(container_spec, sysctls, FIELD_RECORDS, pair_shape),
    [DD_TAG_CONTAINER_SPEC_INIT] = FIELD(container_spec, init, FIELD_U32),
    [DD_TAG_CONTAINER_SPEC_PROCESS] = NEST(container_spec, process, FIELD_RECORD, process_shape),
    [DD_TAG_CONTAINER_SPEC_FOLDERS] = FIELD(container_spec, folders, FIELD_STRINGS),
};
const struct shape container_shape = SHAPE(container_fields, container_spec);

static const struct shape_field exec_fields[] = {
    [DD_TAG_EXEC_SPEC_CONTAINER] = FIELD(exec_spec, container, FIELD_STRING),
    [DD_TAG_EXEC_SPEC_PROCESS] = NEST(exec_spec, process, FIELD_RECORD, process_shape),
};
const struct shape exec_shape = SHAPE(exec_fields, exec_spec);

static const struct shape_field signal_fields[] = {
    [DD_TAG_SIGNAL_SPEC_CONTAINER] = FIELD(signal_spec, container, FIELD_STRING),
    [DD_TAG_SIGNAL_SPEC_PID] = FIELD(signal_spec, pid, FIELD_U32),
    [DD_TAG_SIGNAL_SPEC_SIGNAL] = FIELD(signal_spec, signal, FIELD_U32),
    [DD_TAG_SIGNAL_SPEC_ALL] = FIELD(signal_spec, all, FIELD_U32),
};
const struct shape signal_shape = SHAPE(signal_fields, signal_spec);

static const struct shape_field freeze_fields[] = {
    [DD_TAG_FREEZE_SPEC_CONTAINER] = FIELD(freeze_spec, container, FIELD_STRING),
    [DD_TAG_FREEZE_SPEC_FROZEN] = FIELD(freeze_spec, frozen, FIELD_U32),
};
const struct shape freeze_shape = SHAPE(freeze_fields, freeze_spec);

static const struct shape_field delete_fields[] = {
    [DD_TAG_DELETE_SPEC_CONTAINER] = FIELD(delete_spec, container, FIELD_STRING),
    [DD_TAG_DELETE_SPEC_REMOVE_FILES] = FIELD(delete_spec, remove_files, FIELD_U32),
    [DD_TAG_DELETE_SPEC_UPPER] = FIELD(delete_spec, upper, FIELD_STRING),
    [DD_TAG_DELETE_SPEC_WORK] = FIELD(delete_spec, work, FIELD_STRING),
    [DD_TAG_DELETE_SPEC_MERGED] = FIELD(delete_spec, merged, FIELD_STRING),
    [DD_TAG_DELETE_SPEC_CGROUP] = FIELD(delete_spec, cgroup, FIELD_STRING),
};
const struct shape delete_shape = SHAPE(delete_fields, delete_spec);

static const struct shape_field cgroup_fields[] = {
    [DD_TAG_CGROUP_SPEC_CONTAINER] = FIELD(cgroup_spec, container, FIELD_STRING),
    [DD_TAG_CGROUP_SPEC_FILES] = NEST(cgroup_spec, files, FIELD_RECORDS, pair_shape),
};
const struct shape cgroup_shape = SHAPE(cgroup_fields, cgroup_spec);

static const struct shape_field inspect_item_fields[] = {
    [DD_TAG_INSPECT_ITEM_OP] = FIELD(inspect_item, op, FIELD_U32),
    [DD_TAG_INSPECT_ITEM_PATH] = FIELD(inspect_item, path, FIELD_STRING),
    [DD_TAG_INSPECT_ITEM_PID] = FIELD(inspect_item, pid, FIELD_U32),
    [DD_TAG_INSPECT_ITEM_MAX] = FIELD(inspect_item, max, FIELD_U32),
    [DD_TAG_INSPECT_ITEM_OFFSET] = FIELD(inspect_item, offset, FIELD_U64),
    [DD_TAG_INSPECT_ITEM_ROOT] = FIELD(inspect_item, root, FIELD_STRING),
};
static const struct shape inspect_item_shape = SHAPE(inspect_item_fields, inspect_item);

static const struct shape_field inspect_fields[] = {
    [DD_TAG_INSPECT_SPEC_ITEMS] = NEST(inspect_spec, items, FIELD_RECORDS, inspect_item_shape),
};
const struct shape inspect_shape = SHAPE(inspect_fields, inspect_spec);

static const struct shape_field network_fields[] = {
    [DD_TAG_NETWORK_SPEC_BRIDGE] = FIELD(network_spec, bridge, FIELD_STRING),
    [DD_TAG_NETWORK_SPEC_ADDRESS] = FIELD(network_spec, address, FIELD_STRING),
    [DD_TAG_NETWORK_SPEC_PREFIX] = FIELD(network_spec, prefix, FIELD_U32),
    [DD_TAG_NETWORK_SPEC_MASQUERADE] = FIELD(network_spec, masquerade, FIELD_U32),
    [DD_TAG_NETWORK_SPEC_MTU] = FIELD(network_spec, mtu, FIELD_U32),
    [DD_TAG_NETWORK_SPEC_MAC] = FIELD(network_spec, mac, FIELD_STRING),
    [DD_TAG_NETWORK_SPEC_ISOLATE] = FIELD(network_spec, isolate, FIELD_U32),
};
const struct shape network_shape = SHAPE(network_fields, network_spec);

static const struct shape_field overlay_fields[] = {
    [DD_TAG_MOUNT_SPEC_LOWERS] = FIELD(overlay_spec, lowers, FIELD_STRINGS),
    [DD_TAG_MOUNT_SPEC_UPPER] = FIELD(overlay_spec, upper, FIELD_STRING),
    [DD_TAG_MOUNT_SPEC_WORK] = FIELD(overlay_spec, work, FIELD_STRING),
    [DD_TAG_MOUNT_SPEC_TARGET] = FIELD(overlay_spec, target, FIELD_STRING),
};
const struct shape overlay_shape = SHAPE(overlay_fields, overlay_spec);

static const struct shape_field clock_fields[] = {
    [DD_TAG_CLOCK_SPEC_SECONDS] = FIELD(clock_spec, seconds, FIELD_U64),
    [DD_TAG_CLOCK_SPEC_NANOSECONDS] = FIELD(clock_spec, nanoseconds, FIELD_U32),
    [DD_TAG_CLOCK_SPEC_SEED] = FIELD(clock_spec, seed, FIELD_BYTES),
};
const struct shape clock_shape = SHAPE(clock_fields, clock_spec);

static const struct shape_field write_fields[] = {
    [DD_TAG_WRITE_SPEC_FILES] = NEST(write_spec, files, FIELD_RECORDS, file_shape),
    [DD_TAG_WRITE_SPEC_REMOVE] = FIELD(write_spec, remove, FIELD_STRINGS),
    [DD_TAG_WRITE_SPEC_MAKE_DIRECTORIES] = FIELD(write_spec, make_directories, FIELD_STRINGS),
};
const struct shape write_shape = SHAPE(write_fields, write_spec);

static const struct shape_field window_fields[] = {
    [DD_TAG_WINDOW_SIZE_ROWS] = FIELD(window_spec, rows, FIELD_U32),
    [DD_TAG_WINDOW_SIZE_COLUMNS] = FIELD(window_spec, columns, FIELD_U32),
};
const struct shape window_shape = SHAPE(window_fields, window_spec);

_Static_assert(DD_TAG_TTY_MODE_RAW == 1 && DD_TAG_STDIN_NOTE_WANTED == 1 && DD_TAG_CLI_EXIT_CODE == 1, "number_shape");
static const struct shape_field number_fields[] = {[1] = FIELD(number_spec, value, FIELD_U32)};
const struct shape number_shape = SHAPE(number_fields, number_spec);
