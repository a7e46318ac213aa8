/* resolver: the sockets of Docker's DNS inside a network name space, handed to the host. They are not on port 53, which
 * belongs to the container's programs: rules lead there what is sent to 127.0.0.11:53. */
#include "base/queue.h"
#include "base/sys.h"
#include "base/thread.h"
#include "container/container.h"
#include "idle/spare_network.h"
#include "loop/loop.h"
#include "loop/splice.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include "wire/stream.h"
#include <errno.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* address[4] port[2] (network order), size u16; a UDP datagram of IPv4 has 65507 bytes at most. */
enum { head_bytes = 8, datagram_max = 65507, waiting_connections = 16 };

struct resolver {
  struct stream stream;
  struct watch datagrams, connections;
  struct queue queue; /* from the host, until a datagram is whole */
};

static void release(struct resolver *resolver) {
  stream_forget(&resolver->stream);
  loop_close(&resolver->datagrams);
  loop_close(&resolver->connections);
  queue_free(&resolver->queue);
  loop_free(resolver);
}

/* One a time: the loop comes back while there are more. */
static void arrived(struct watch *watch, uint32_t events) {
  struct resolver *resolver = watch->owner;
  struct sockaddr_in peer;
  int size = sizeof peer;
  (void)events;
  uint8_t *to = channel_room(head_bytes + datagram_max);
  long got = SYS(SYS_recvfrom, watch->fd, to + head_bytes, datagram_max, MSG_DONTWAIT, &peer, &size);
  if (got < 0 || resolver->stream.room < head_bytes + (uint32_t)got) return;
  memcpy(to, &peer.sin_addr, 4);
  memcpy(to + 4, &peer.sin_port, 2);
  store_u16(to + 6, (uint16_t)got);
  channel_commit(DD_FRAME_DATA, resolver->stream.id, DD_LANE_MAIN, head_bytes + (uint32_t)got);
  resolver->stream.room -= head_bytes + (uint32_t)got;
}

/* How many there may be is the host's to say: it resets what is too much. */
static void connected(struct watch *watch, uint32_t events) {
  const struct resolver *resolver = watch->owner;
  uint8_t buffer[16];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  (void)events;
  int client = (int)SYS(SYS_accept4, watch->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  struct splice *splice = splice_new(client, "who asked for a name", false);
  if (splice == NULL) {
    sys_close(client);
    return;
  }
  write_u32(&record, DD_TAG_RESOLVER_CONNECTION_SPEC_RESOLVER, resolver->stream.id);
  stream_open(&splice->stream, &splice_calls, DD_AGENT_KIND_RESOLVER_CONNECTION, &record);
  splice_begin(splice);
}

/* The size of the datagram that the queue begins with; 0: it is not whole. */
static uint32_t whole(const struct queue *queue) {
  if (queue_count(queue) < head_bytes) return 0;
  uint32_t size = head_bytes + (uint32_t)load_u16(queue->data + queue->start + 6);
  return queue_count(queue) < size ? 0 : size;
}

static void received(struct stream *stream, uint8_t lane, struct bytes bytes) {
  struct resolver *resolver = (struct resolver *)stream;
  struct queue *queue = &resolver->queue;
  (void)lane;
  stream_consumed(stream, bytes.size);
  if (queue_add(queue, bytes) < 0) return;
  for (uint32_t size; (size = whole(queue)) > 0; queue->start += size) {
    const uint8_t *at = queue->data + queue->start;
    struct sockaddr_in peer = {.sin_family = AF_INET};
    memcpy(&peer.sin_addr, at, 4);
    memcpy(&peer.sin_port, at + 4, 2);
    SYS(SYS_sendto, resolver->datagrams.fd, at + head_bytes, size - head_bytes, MSG_DONTWAIT | MSG_NOSIGNAL, &peer,
        sizeof peer);
  }
  if (queue_count(queue) == 0) queue_free(queue);
}

static void ended(struct stream *stream, uint8_t lane) {
  (void)lane;
  stream_close(stream);
  release((struct resolver *)stream);
}

static void reset(struct stream *stream) {
  release((struct resolver *)stream);
}

static const struct stream_calls calls = {.data = received, .end = ended, .reset = reset};

struct making {
  const struct resolver_spec *spec;
  int network, datagrams, connections;
  struct failure *failure;
};

/* lo may not be up yet. */
static int bind_socket(int type, uint32_t port, struct failure *failure) {
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(0x7f00000b /* 127.0.0.11 */)};
  int on = 1;
  int socket = (int)SYS(SYS_socket, AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  long result = socket;
  if (result >= 0) result = SYS(SYS_setsockopt, socket, IPPROTO_IP, 15 /* IP_FREEBIND */, &on, sizeof on);
  if (result >= 0) result = SYS(SYS_bind, socket, &address, sizeof address);
  if (result >= 0 && type == SOCK_STREAM) result = SYS(SYS_listen, socket, waiting_connections);
  if (result >= 0) return socket;
  if (socket >= 0) sys_close(socket);
  return fail(failure, result, "bind", "127.0.0.11:%u: %E", port, (int)-result);
}

/* The kernel answers before the send returns: what it refuses, and the message that asked for an answer. */
static int put_rules(struct bytes rules, struct failure *failure) {
  uint8_t answer[1024] __attribute__((aligned(4)));
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  long result = socket;
  if (result >= 0) result = SYS(SYS_sendto, socket, rules.at, rules.size, 0, NULL, 0);
  while (result >= 0) {
    int error;
    long got = SYS(SYS_recvfrom, socket, answer, sizeof answer, MSG_DONTWAIT, NULL, NULL);
    if (got == -EAGAIN) break;
    const struct nlmsghdr *header = (const struct nlmsghdr *)answer;
    result = got < (long)(sizeof *header + sizeof error) ? (got < 0 ? got : -EPROTO) : 0;
    if (result < 0 || header->nlmsg_type != NLMSG_ERROR) continue;
    memcpy(&error, answer + sizeof *header, sizeof error);
    result = error;
  }
  if (socket >= 0) sys_close(socket);
  return result < 0 ? fail(failure, result, "nft", "rules of 127.0.0.11: %E", (int)-result) : 0;
}

/* A socket belongs to the network that its maker was in. */
static int make_inside(void *argument) {
  struct making *making = argument;
  const struct resolver_spec *spec = making->spec;
  long result = SYS(SYS_setns, making->network, CLONE_NEWNET);
  if (result < 0) return fail(making->failure, result, "bind", "setns: %E", (int)-result);
  if ((making->datagrams = bind_socket(SOCK_DGRAM, spec->udp_port, making->failure)) < 0) return -1;
  if ((making->connections = bind_socket(SOCK_STREAM, spec->tcp_port, making->failure)) < 0) return -1;
  return spec->rules.size == 0 ? 0 : put_rules(spec->rules, making->failure);
}

static int make(struct making *making) {
  const struct resolver_spec *spec = making->spec;
  struct failure *failure = making->failure;
  if (spec->udp_port > 65535 || spec->tcp_port > 65535)
    return fail(failure, EINVAL, "bind", "bad port %u or %u", spec->udp_port, spec->tcp_port);
  making->network = spec->ahead != 0 ? spare_network_reserve(spec->container, failure)
                                     : container_open_network(spec->container, failure);
  if (making->network < 0) return -1;
  int result = thread_run(make_inside, making);
  sys_close(making->network);
  return result;
}

static int begin(uint32_t id, const struct resolver_spec *spec, struct failure *failure) {
  struct resolver *resolver = calloc(1, sizeof *resolver);
  struct making making = {spec, -1, -1, -1, failure};
  if (resolver == NULL) return fail(failure, ENOMEM, "bind", "no memory");
  if (make(&making) < 0) {
    if (making.datagrams >= 0) sys_close(making.datagrams);
    if (making.connections >= 0) sys_close(making.connections);
    free(resolver);
    return -1;
  }
  resolver->datagrams = (struct watch){.fd = making.datagrams, .ready = arrived, .owner = resolver};
  resolver->connections = (struct watch){.fd = making.connections, .ready = connected, .owner = resolver};
  stream_accept(&resolver->stream, id, &calls);
  stream_reply(&resolver->stream, &(struct writer){0});
  loop_want(&resolver->datagrams, EPOLLIN);
  loop_want(&resolver->connections, EPOLLIN);
  return 0;
}

int resolver_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct resolver_spec spec;
  int result = record_decode(&resolver_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed resolver")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
