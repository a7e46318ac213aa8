/* What the host may ask for: one verb a file. */
#pragma once
#include "wire/request.h"

/* Answers them from here on. */
void verbs_serve(void);

int start_open(uint32_t id, struct bytes payload, struct failure *failure);
int exec_open(uint32_t id, struct bytes payload, struct failure *failure);
int freeze_open(uint32_t id, struct bytes payload, struct failure *failure);
int exec_events_open(uint32_t id, struct bytes payload, struct failure *failure);
int echo_open(uint32_t id, struct bytes payload, struct failure *failure);
int datagrams_open(uint32_t id, struct bytes payload, struct failure *failure);
int resolver_open(uint32_t id, struct bytes payload, struct failure *failure);
int outside_open(uint32_t id, struct bytes payload, struct failure *failure);
int connect_open(uint32_t id, struct bytes payload, struct failure *failure);
int quiesce_open(uint32_t id, struct bytes payload, struct failure *failure);

int list_flow(struct flow *flow, const void *spec, struct failure *failure);
int extract_flow(struct flow *flow, const void *spec, struct failure *failure);
int archive_flow(struct flow *flow, const void *spec, struct failure *failure);

int signal_answer(void *spec, struct writer *reply, struct failure *failure);
int delete_answer(void *spec, struct writer *reply, struct failure *failure);
int update_answer(void *spec, struct writer *reply, struct failure *failure);
int inspect_answer(void *spec, struct writer *reply, struct failure *failure);
int network_create_answer(void *spec, struct writer *reply, struct failure *failure);
int network_delete_answer(void *spec, struct writer *reply, struct failure *failure);
int endpoint_add_answer(void *spec, struct writer *reply, struct failure *failure);
int endpoint_remove_answer(void *spec, struct writer *reply, struct failure *failure);
int netlink_answer(void *spec, struct writer *reply, struct failure *failure);
int layer_keep_answer(void *spec, struct writer *reply, struct failure *failure);
int mount_answer(void *spec, struct writer *reply, struct failure *failure);
int unmount_answer(void *spec, struct writer *reply, struct failure *failure);
int clock_answer(void *spec, struct writer *reply, struct failure *failure);
int write_answer(void *spec, struct writer *reply, struct failure *failure);
