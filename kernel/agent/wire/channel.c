#include "wire/channel.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

enum {
  idle_read_bytes = 1024,
  /* A 9p message is 128 KB with its header: one page less is one round trip. */
  batch_bytes = 124 * 1024,
  answer_header_bytes = 8,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int channel = -1;
static bool is_socket;
static uint8_t inbox[batch_bytes] __attribute__((aligned(4096)));
static uint8_t outbox[batch_bytes] __attribute__((aligned(4096)));
static uint32_t outbox_used;
static struct frame_parser parser;
static void (*pause_wait)(void);

int channel_open(const char *path, int fd, struct failure *failure) {
  is_socket = fd >= 0;
  channel = is_socket ? fd : sys_open(AT_FDCWD, path, O_RDWR | O_DIRECT | O_CLOEXEC, 0);
  return channel < 0 ? fail(failure, channel, "channel", "%s: %E", path, -channel) : 0;
}

/* The channel is reliable: a failed write means that the other side is gone, and so is the machine. */
void channel_flush(void) {
  if (outbox_used == 0) return;
  if (is_socket)
    SYS(SYS_sendto, channel, outbox, outbox_used, MSG_NOSIGNAL);
  else
    sys_pwrite(channel, outbox, outbox_used, 0);
  outbox_used = 0;
}

void channel_lock(void) {
  pthread_mutex_lock(&lock);
}

void channel_unlock(void) {
  channel_flush();
  pthread_mutex_unlock(&lock);
}

static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;

void channel_wait(void) {
  pthread_cond_wait(&woken, &lock);
}
void channel_wake(void) {
  pthread_cond_broadcast(&woken);
}

void channel_pause(void (*wait)(void)) {
  pause_wait = wait;
}

static void handle(void *receive, const struct frame *frame) {
  (*(void (**)(const struct frame *))receive)(frame);
}

static long read_answer(uint32_t more) {
  uint32_t size = idle_read_bytes;
  if (more > 0) {
    size = (more + answer_header_bytes + 4095) & ~4095u;
    if (size > batch_bytes || size < more) size = batch_bytes;
  }
  return is_socket ? sys_read(channel, inbox, size) : sys_pread(channel, inbox, size, 0);
}

int channel_run(void (*receive)(const struct frame *frame), struct failure *failure) {
  uint32_t more = 0;
  for (;;) {
    long got = read_answer(more);
    if (got == -EINTR || got == -EAGAIN) continue;
    if (got < answer_header_bytes)
      return fail(failure, got < 0 ? -got : EPIPE, "channel", "read of the channel: %E", got < 0 ? (int)-got : EPIPE);
    uint32_t used = load_u32(inbox);
    more = load_u32(inbox + 4);
    if (used > (unsigned long)got - answer_header_bytes)
      return fail(failure, EPROTO, "channel", "an answer of %u bytes in %d", used, (int)got);
    channel_lock();
    int result = frame_parse(&parser, (struct bytes){inbox + answer_header_bytes, used}, handle, &receive, failure);
    if (pause_wait != NULL && result == 0) {
      void (*wait)(void) = pause_wait;
      pause_wait = NULL;
      wait();
      more = 0;
    }
    channel_unlock();
    if (result < 0) return result;
  }
}

uint8_t *channel_room(uint32_t size) {
  if (outbox_used + DD_FRAME_HEADER_BYTES + size > batch_bytes) channel_flush();
  return outbox + outbox_used + DD_FRAME_HEADER_BYTES;
}

void channel_send(uint8_t type, uint32_t stream, uint8_t lane, const void *payload, uint32_t size) {
  uint8_t *to = channel_room(size);
  if (size > 0) memcpy(to, payload, size);
  channel_commit(type, stream, lane, size);
}

uint8_t *channel_reserve(uint32_t *room) {
  if (*room > DD_MAX_PAYLOAD_BYTES) *room = DD_MAX_PAYLOAD_BYTES;
  uint32_t left = batch_bytes - outbox_used;
  if (left < DD_FRAME_HEADER_BYTES + *room) {
    if (left < DD_FRAME_HEADER_BYTES + *room / 4) {
      channel_flush();
      left = batch_bytes;
    }
    if (left < DD_FRAME_HEADER_BYTES + *room) *room = left - DD_FRAME_HEADER_BYTES;
  }
  return outbox + outbox_used + DD_FRAME_HEADER_BYTES;
}

void channel_commit(uint8_t type, uint32_t stream, uint8_t lane, uint32_t size) {
  frame_header(outbox + outbox_used, size, stream, type, lane);
  outbox_used += DD_FRAME_HEADER_BYTES + size;
}
