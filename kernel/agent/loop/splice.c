#include "loop/splice.h"
#include "base/sys.h"
#include "wire/channel.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct splice *splice_new(int socket, const char *peer, bool closes) {
  struct splice *splice = calloc(1, sizeof *splice);
  if (splice == NULL) return NULL;
  splice->watch = (struct watch){.fd = socket, .ready = splice_ready, .owner = splice};
  splice->peer = peer;
  splice->closes = closes;
  return splice;
}

static void release(struct splice *splice) {
  stream_forget(&splice->stream);
  loop_close(&splice->watch);
  queue_free(&splice->queue);
  loop_free(splice);
}

/* EPOLLERR stands for "registered, tell me of a hang-up only". */
static void want(struct splice *splice) {
  uint32_t events = 0;
  if (queue_count(&splice->queue) > 0) events |= EPOLLOUT;
  if (splice->read_ended)
    events |= EPOLLERR;
  else if (splice->stream.room > 0 && !splice->closed)
    events |= EPOLLIN;
  loop_want(&splice->watch, events);
}

void splice_fail(struct splice *splice, const struct failure *failure) {
  stream_reset(&splice->stream, failure);
  release(splice);
}

static void lost(struct splice *splice, int error) {
  struct failure failure;
  fail(&failure, error, "socket", "%s is gone: %E", splice->peer, error < 0 ? -error : error);
  splice_fail(splice, &failure);
}

/* Both sides have said all, and the stream is ours to close. */
static bool finished(struct splice *splice) {
  if (!splice->closes || !splice->read_ended || !splice->write_ended) return false;
  stream_close(&splice->stream);
  release(splice);
  return true;
}

static void read_socket(struct splice *splice) {
  uint32_t room = splice->stream.room;
  if (room == 0) return;
  uint8_t *to = channel_reserve(&room);
  long got = SYS(SYS_recvfrom, splice->watch.fd, to, room, MSG_DONTWAIT);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got < 0) {
    lost(splice, (int)got);
    return;
  }
  if (got == 0) {
    splice->read_ended = true;
    channel_send(DD_FRAME_END, splice->stream.id, DD_LANE_MAIN, NULL, 0);
    if (finished(splice)) return;
  } else {
    channel_commit(DD_FRAME_DATA, splice->stream.id, DD_LANE_MAIN, (uint32_t)got);
    splice->stream.room -= (uint32_t)got;
  }
  want(splice);
}

/* After the queue: half-close, or the end. */
static void drained(struct splice *splice) {
  if (splice->closed) {
    release(splice);
    return;
  }
  if (splice->end_wanted && !splice->write_ended) {
    splice->write_ended = true;
    SYS(SYS_shutdown, splice->watch.fd, SHUT_WR);
    if (finished(splice)) return;
  }
  want(splice);
}

static void write_socket(struct splice *splice) {
  long sent = queue_write(&splice->queue, splice->watch.fd, true);
  if (sent < 0) {
    lost(splice, (int)sent);
    return;
  }
  stream_consumed(&splice->stream, (uint32_t)sent);
  if (queue_count(&splice->queue) == 0) drained(splice);
}

void splice_ready(struct watch *watch, uint32_t events) {
  struct splice *splice = watch->owner;
  if ((events & EPOLLOUT) != 0) write_socket(splice);
  if (watch->fd < 0) return;
  if ((events & EPOLLIN) != 0 || ((events & EPOLLHUP) != 0 && !splice->read_ended))
    read_socket(splice);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !splice->write_ended)
    lost(splice, ECONNRESET);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
    loop_want(watch, 0); /* both sides have ended in good order; the host will close */
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct splice *splice = (struct splice *)stream;
  (void)lane;
  long sent = queue_pass(&splice->queue, splice->watch.fd, true, bytes);
  if (sent < 0) {
    lost(splice, (int)sent);
    return;
  }
  stream_consumed(stream, (uint32_t)sent);
  if (queue_count(&splice->queue) > 0) want(splice);
}

static void ended(struct stream *stream, uint8_t lane) {
  struct splice *splice = (struct splice *)stream;
  (void)lane;
  splice->end_wanted = true;
  if (queue_count(&splice->queue) == 0) drained(splice);
}

static void room_grew(struct stream *stream) {
  want((struct splice *)stream);
}

static void closed(struct stream *stream, struct bytes record) {
  struct splice *splice = (struct splice *)stream;
  (void)record;
  splice->closed = true;
  if (queue_count(&splice->queue) == 0) drained(splice);
}

/* The peer is told that this was no end: what it was sent may not be all. */
static void reset(struct stream *stream) {
  struct splice *splice = (struct splice *)stream;
  struct linger at_once = {.l_onoff = 1};
  SYS(SYS_setsockopt, splice->watch.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  release(splice);
}

const struct stream_calls splice_calls = {
    .data = received, .end = ended, .room = room_grew, .close = closed, .reset = reset};

void splice_begin(struct splice *splice) {
  want(splice);
}
