#include "base/queue.h"
#include "test.h"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

TEST("what a full pipe does not take waits, in order, and leaves when there is room") {
  int ends[2];
  static uint8_t sent[300000], got[300000];
  struct queue queue = {0};
  CHECK(pipe2(ends, O_NONBLOCK) == 0);
  for (size_t i = 0; i < sizeof sent; i++)
    sent[i] = (uint8_t)(i * 7 >> 3);
  long taken = queue_pass(&queue, ends[1], false, (struct bytes){sent, 200000});
  CHECK(taken > 0 && taken < 200000 && queue_count(&queue) == 200000 - (uint32_t)taken);
  CHECK(queue_pass(&queue, ends[1], false, (struct bytes){sent + 200000, 100000}) == 0);
  size_t read_so_far = 0;
  while (read_so_far < sizeof sent) {
    ssize_t part = read(ends[0], got + read_so_far, sizeof got - read_so_far);
    if (part > 0) read_so_far += (size_t)part;
    CHECK(queue_write(&queue, ends[1], false) >= 0);
    if (part <= 0 && queue_count(&queue) == 0) break;
  }
  CHECK(read_so_far == sizeof sent && memcmp(sent, got, sizeof sent) == 0 && queue.data == NULL);
  close(ends[0]);
  close(ends[1]);
}

TEST("a reader that is gone is an error, without a signal") {
  int ends[2];
  struct queue queue = {0};
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  close(ends[0]);
  CHECK(queue_pass(&queue, ends[1], true, (struct bytes){(const uint8_t *)"x", 1}) < 0);
  CHECK(queue_count(&queue) == 0);
  close(ends[1]);
  queue_free(&queue);
}
