#include "base/queue.h"
#include "base/sys.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int queue_add(struct queue *queue, struct bytes bytes) {
  if (queue->size - queue->end < bytes.size) {
    uint32_t count = queue_count(queue);
    if (queue->start > 0) {
      memmove(queue->data, queue->data + queue->start, count);
      queue->start = 0;
      queue->end = count;
    }
    if (queue->size - queue->end < bytes.size) {
      uint32_t size = queue->size > 0 ? queue->size : 4096;
      while (size - queue->end < bytes.size)
        size *= 2;
      uint8_t *data = realloc(queue->data, size);
      if (data == NULL) return -1;
      queue->data = data;
      queue->size = size;
    }
  }
  memcpy(queue->data + queue->end, bytes.at, bytes.size);
  queue->end += bytes.size;
  return 0;
}

static long put(int fd, bool is_socket, const uint8_t *at, uint32_t size) {
  long sent = is_socket ? SYS(SYS_sendto, fd, at, size, MSG_DONTWAIT | MSG_NOSIGNAL) : sys_write(fd, at, size);
  return sent == -EAGAIN || sent == -EINTR ? 0 : sent;
}

long queue_write(struct queue *queue, int fd, bool is_socket) {
  if (queue_count(queue) == 0) return 0;
  long sent = put(fd, is_socket, queue->data + queue->start, queue_count(queue));
  if (sent <= 0) return sent;
  queue->start += (uint32_t)sent;
  if (queue->start == queue->end) queue_free(queue);
  return sent;
}

long queue_pass(struct queue *queue, int fd, bool is_socket, struct bytes bytes) {
  long sent = 0;
  if (bytes.size == 0) return 0;
  if (queue_count(queue) == 0) {
    sent = put(fd, is_socket, bytes.at, bytes.size);
    if (sent < 0) return sent;
  }
  struct bytes rest = {bytes.at + sent, bytes.size - (uint32_t)sent};
  if (rest.size > 0 && queue_add(queue, rest) < 0) return -ENOMEM;
  return sent;
}

void queue_free(struct queue *queue) {
  free(queue->data);
  *queue = (struct queue){0};
}
