/* The channel to TypeScript and the lock that guards every state of the agent (but a worker's job and a launching
 * child). Whoever handles something holds the lock; frames sent meanwhile leave together when it lets go. */
#pragma once
#include "base/record.h"
#include "wire/frame.h"

/* Opens the channel; a negative fd opens `path`, else that fd (a SOCK_SEQPACKET socket in tests). */
int channel_open(const char *path, int fd, struct failure *failure);
void channel_lock(void);
/* Writes what was sent since and unlocks. */
void channel_unlock(void);
/* Reads frames for ever, handing each to `receive` with the lock held. Returns on error. */
int channel_run(void (*receive)(const struct frame *frame), struct failure *failure);
/* Waits, letting go of the lock, until another thread calls channel_wake. */
void channel_wait(void);
void channel_wake(void);
/* Writes what was sent, keeping the lock. */
void channel_flush(void);
/* Makes the reader, after the batch it handles and before it reads again, call `wait` with the lock held. */
void channel_pause(void (*wait)(void));

void channel_send(uint8_t type, uint32_t stream, uint8_t lane, const void *payload, uint32_t size);
/* Room for one frame's payload of exactly `size` bytes. */
uint8_t *channel_room(uint32_t size);
/* Room for one frame's payload of up to `*room` bytes (lowered to what there is, never below a quarter of the wish);
 * then channel_commit with the size used, or nothing to leave it. */
uint8_t *channel_reserve(uint32_t *room);
void channel_commit(uint8_t type, uint32_t stream, uint8_t lane, uint32_t size);
