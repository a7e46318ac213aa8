#include "loop/datagrams.h"
#include "base/sys.h"
#include "wire/channel.h"
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* address[4] port[2] (network order), size u16; a UDP datagram of IPv4 has 65507 bytes at most. */
enum { head_bytes = 8, datagram_max = 65507 };

static void release(struct datagrams *datagrams) {
  stream_forget(&datagrams->stream);
  loop_close(&datagrams->watch);
  queue_free(&datagrams->queue);
  if (datagrams->closing != NULL) datagrams->closing(datagrams);
  loop_free(datagrams);
}

/* One a time: the loop comes back while there are more. */
static void arrived(struct watch *watch, uint32_t events) {
  struct datagrams *datagrams = watch->owner;
  struct sockaddr_in peer;
  int size = sizeof peer;
  (void)events;
  uint8_t *to = channel_room(head_bytes + datagram_max);
  long got = SYS(SYS_recvfrom, watch->fd, to + head_bytes, datagram_max, MSG_DONTWAIT, &peer, &size);
  if (got < 0 || datagrams->stream.room < head_bytes + (uint32_t)got) return;
  memcpy(to, &peer.sin_addr, 4);
  memcpy(to + 4, &peer.sin_port, 2);
  store_u16(to + 6, (uint16_t)got);
  channel_commit(DD_FRAME_DATA, datagrams->stream.id, DD_LANE_MAIN, head_bytes + (uint32_t)got);
  datagrams->stream.room -= head_bytes + (uint32_t)got;
}

/* The size of the datagram that the queue begins with; 0: it is not whole. */
static uint32_t whole(const struct queue *queue) {
  if (queue_count(queue) < head_bytes) return 0;
  uint32_t size = head_bytes + (uint32_t)load_u16(queue->data + queue->start + 6);
  return queue_count(queue) < size ? 0 : size;
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct datagrams *datagrams = (struct datagrams *)stream;
  struct queue *queue = &datagrams->queue;
  (void)lane;
  stream_consumed(stream, bytes.size);
  if (queue_add(queue, bytes) < 0) return;
  for (uint32_t size; (size = whole(queue)) > 0; queue->start += size) {
    const uint8_t *at = queue->data + queue->start;
    struct sockaddr_in peer = {.sin_family = AF_INET};
    memcpy(&peer.sin_addr, at, 4);
    memcpy(&peer.sin_port, at + 4, 2);
    SYS(SYS_sendto, datagrams->watch.fd, at + head_bytes, size - head_bytes, MSG_DONTWAIT | MSG_NOSIGNAL, &peer,
        sizeof peer);
  }
  if (queue_count(queue) == 0) queue_free(queue);
}

static void ended(struct stream *stream, uint8_t lane) {
  (void)lane;
  stream_close(stream);
  release((struct datagrams *)stream);
}

static void reset(struct stream *stream) {
  release((struct datagrams *)stream);
}

static const struct stream_calls calls = {.data = received, .end = ended, .reset = reset};

void datagrams_begin(struct datagrams *datagrams, uint32_t id, int socket, const struct writer *reply) {
  datagrams->watch = (struct watch){.fd = socket, .ready = arrived, .owner = datagrams};
  stream_accept(&datagrams->stream, id, &calls);
  stream_reply(&datagrams->stream, reply);
  loop_want(&datagrams->watch, EPOLLIN);
}
