/* The channel to TypeScript and the lock that guards every state of the agent (but a worker's job and a launching
 * child). Whoever handles something holds the lock; frames sent meanwhile leave together when it lets go. */
#pragma once
#include "frame.h"
#include "record.h"

/* Opens the channel; a negative fd opens `path`, else that fd (a SOCK_SEQPACKET socket in tests). */
int link_open(const char *path, int fd, struct failure *failure);
void link_lock(void);
/* Writes what was sent since and unlocks. */
void link_unlock(void);
/* Reads frames for ever, handing each to stream_receive. Returns on error. */
int link_run(struct failure *failure);
/* Waits, letting go of the lock, until another thread calls link_wake. */
void link_wait(void);
void link_wake(void);
/* Writes what was sent, keeping the lock. */
void link_flush(void);
/* Makes the reader, after the batch it handles and before it reads again, call `wait` with the lock held. */
void link_pause(void (*wait)(void));

void link_send(uint8_t type, uint32_t stream, uint8_t lane, const void *payload, uint32_t size);
/* Room for one frame's payload of exactly `size` bytes. */
uint8_t *link_room(uint32_t size);
/* Room for one frame's payload of up to `*room` bytes (lowered to what there is, never below a quarter of the wish);
 * then link_commit with the size used, or nothing to leave it. */
uint8_t *link_reserve(uint32_t *room);
void link_commit(uint8_t type, uint32_t stream, uint8_t lane, uint32_t size);
