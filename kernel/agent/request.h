/* The table of verbs: which function answers which kind of stream. */
#pragma once
#include "fail.h"
#include "record.h"

/* Verbs that answer once: decode, run, reply. Slow ones run on a worker thread without the lock. */
typedef int (*answer_call)(void *spec, struct writer *reply, struct failure *failure);
/* Verbs that keep their stream, or answer later. On failure the caller resets the stream. */
typedef int (*open_call)(uint32_t id, struct bytes payload, struct failure *failure);

void request_open(uint32_t id, uint16_t kind, struct bytes payload);
/* Waits, with the lock held, until no job runs. */
void request_wait_idle(void);

int start_open(uint32_t id, struct bytes payload, struct failure *failure);
int exec_open(uint32_t id, struct bytes payload, struct failure *failure);
int freeze_open(uint32_t id, struct bytes payload, struct failure *failure);
int watch_open(uint32_t id, struct bytes payload, struct failure *failure);
int echo_open(uint32_t id, struct bytes payload, struct failure *failure);
int quiesce_open(uint32_t id, struct bytes payload, struct failure *failure);

int signal_answer(void *spec, struct writer *reply, struct failure *failure);
int delete_answer(void *spec, struct writer *reply, struct failure *failure);
int update_answer(void *spec, struct writer *reply, struct failure *failure);
int inspect_answer(void *spec, struct writer *reply, struct failure *failure);
int network_create_answer(void *spec, struct writer *reply, struct failure *failure);
int network_delete_answer(void *spec, struct writer *reply, struct failure *failure);
int mount_answer(void *spec, struct writer *reply, struct failure *failure);
int unmount_answer(void *spec, struct writer *reply, struct failure *failure);
int clock_answer(void *spec, struct writer *reply, struct failure *failure);
int write_answer(void *spec, struct writer *reply, struct failure *failure);
