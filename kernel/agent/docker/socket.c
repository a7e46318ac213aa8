#include "docker/socket.h"
#include "base/queue.h"
#include "base/sys.h"
#include "docker/listen.h"
#include "wire/channel.h"
#include "wire/stream.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

struct connection {
  struct stream stream;
  struct watch watch;
  struct queue queue; /* towards the client */
  bool read_ended; /* the client has said all */
  bool end_wanted, write_ended; /* the host has said all; and the client knows */
  bool closed; /* the host has closed the stream: only the queue is left */
};

static const char *socket_path;

static void release(struct connection *connection) {
  stream_forget(&connection->stream);
  loop_close(&connection->watch);
  queue_free(&connection->queue);
  loop_free(connection);
}

/* EPOLLERR stands for "registered, tell me of a hang-up only". */
static void want(struct connection *connection) {
  uint32_t events = 0;
  if (queue_count(&connection->queue) > 0) events |= EPOLLOUT;
  if (connection->read_ended)
    events |= EPOLLERR;
  else if (connection->stream.room > 0 && !connection->closed)
    events |= EPOLLIN;
  loop_want(&connection->watch, events);
}

static void lost(struct connection *connection, int error) {
  struct failure failure;
  fail(&failure, error, "socket", "the client of %s is gone: %E", socket_path, error < 0 ? -error : error);
  stream_reset(&connection->stream, &failure);
  release(connection);
}

static void read_client(struct connection *connection) {
  uint32_t room = connection->stream.room;
  if (room == 0) return;
  uint8_t *to = channel_reserve(&room);
  long got = SYS(SYS_recvfrom, connection->watch.fd, to, room, MSG_DONTWAIT);
  if (got == -EAGAIN || got == -EINTR) return;
  if (got < 0) {
    lost(connection, (int)got);
    return;
  }
  if (got == 0) {
    connection->read_ended = true;
    channel_send(DD_FRAME_END, connection->stream.id, DD_LANE_MAIN, NULL, 0);
  } else {
    channel_commit(DD_FRAME_DATA, connection->stream.id, DD_LANE_MAIN, (uint32_t)got);
    connection->stream.room -= (uint32_t)got;
  }
  want(connection);
}

/* After the queue: half-close, or the end. */
static void drained(struct connection *connection) {
  if (connection->closed) {
    release(connection);
    return;
  }
  if (connection->end_wanted && !connection->write_ended) {
    connection->write_ended = true;
    SYS(SYS_shutdown, connection->watch.fd, SHUT_WR);
  }
  want(connection);
}

static void write_client(struct connection *connection) {
  long sent = queue_write(&connection->queue, connection->watch.fd, true);
  if (sent < 0) {
    lost(connection, (int)sent);
    return;
  }
  stream_consumed(&connection->stream, (uint32_t)sent);
  if (queue_count(&connection->queue) == 0) drained(connection);
}

static void ready(struct watch *watch, uint32_t events) {
  struct connection *connection = watch->owner;
  if ((events & EPOLLOUT) != 0) write_client(connection);
  if (watch->fd < 0) return;
  if ((events & EPOLLIN) != 0 || ((events & EPOLLHUP) != 0 && !connection->read_ended))
    read_client(connection);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0 && !connection->write_ended)
    lost(connection, ECONNRESET);
  else if ((events & (EPOLLHUP | EPOLLERR)) != 0)
    loop_want(watch, 0); /* both sides have ended in good order; the host will close */
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct connection *connection = (struct connection *)stream;
  (void)lane;
  long sent = queue_pass(&connection->queue, connection->watch.fd, true, bytes);
  if (sent < 0) {
    lost(connection, (int)sent);
    return;
  }
  stream_consumed(stream, (uint32_t)sent);
  if (queue_count(&connection->queue) > 0) want(connection);
}

static void ended(struct stream *stream, uint8_t lane) {
  struct connection *connection = (struct connection *)stream;
  (void)lane;
  connection->end_wanted = true;
  if (queue_count(&connection->queue) == 0) drained(connection);
}

static void room_grew(struct stream *stream) {
  want((struct connection *)stream);
}

static void closed(struct stream *stream, struct bytes record) {
  struct connection *connection = (struct connection *)stream;
  (void)record;
  connection->closed = true;
  if (queue_count(&connection->queue) == 0) drained(connection);
}

static void reset(struct stream *stream) {
  release((struct connection *)stream);
}

static const struct stream_calls calls = {
    .data = received, .end = ended, .room = room_grew, .close = closed, .reset = reset};

static void accept_client(struct watch *watch, uint32_t events) {
  uint8_t buffer[256];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  uint32_t pid, uid, gid;
  (void)events;
  int client = listen_accept(watch, &pid, &uid, &gid);
  if (client < 0) return;
  struct connection *connection = calloc(1, sizeof *connection);
  if (connection == NULL) {
    sys_close(client);
    return;
  }
  connection->watch = (struct watch){.fd = client, .ready = ready, .owner = connection};
  write_string(&record, DD_TAG_SOCKET_SPEC_PATH, socket_path);
  write_u32(&record, DD_TAG_SOCKET_SPEC_PID, pid);
  write_u32(&record, DD_TAG_SOCKET_SPEC_UID, uid);
  write_u32(&record, DD_TAG_SOCKET_SPEC_GID, gid);
  stream_open(&connection->stream, &calls, DD_AGENT_KIND_SOCKET, &record);
  want(connection);
}

static struct watch listener = {.fd = -1, .ready = accept_client};

int socket_listen(const char *path, struct failure *failure) {
  socket_path = path;
  return listen_unix(&listener, path, SOCK_STREAM, failure);
}
