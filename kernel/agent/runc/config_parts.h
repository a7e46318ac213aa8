/* The parts of config.json (OCI runtime specification, config.md and config-linux.md), each in a file of its own. */
#pragma once
#include "runc/config_reader.h"

void config_process(struct reader *reader, const struct json *process, struct process_spec *to);
struct list config_mounts(struct reader *reader, const struct json *root, const char *bundle);
struct list config_devices(struct reader *reader, const struct json *linux_);
struct list config_device_rules(struct reader *reader, const struct json *resources);
struct list config_limits(struct reader *reader, const struct json *resources);
struct list config_sysctls(struct reader *reader, const struct json *linux_);
