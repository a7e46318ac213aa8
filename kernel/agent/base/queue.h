/* Bytes that wait for a file descriptor to take them. */
#pragma once
#include "base/record.h"

struct queue {
  uint8_t *data;
  uint32_t start, end, size;
};

/* Appends; -1 when memory is out. */
int queue_add(struct queue *queue, struct bytes bytes);
static inline uint32_t queue_count(const struct queue *queue) {
  return queue->end - queue->start;
}
/* Writes as much as `fd` takes without waiting (by send with MSG_DONTWAIT if `is_socket`). Returns how much left the
 * queue, or -errno when the file takes nothing any more. */
long queue_write(struct queue *queue, int fd, bool is_socket);
/* Writes past the queue when it is empty; what is not taken is queued. Returns bytes written or -errno. */
long queue_pass(struct queue *queue, int fd, bool is_socket, struct bytes bytes);
void queue_free(struct queue *queue);
