/* netlink: messages of the host's making to the kernel, and what it says to them. */
#include "base/sys.h"
#include "verbs/verbs.h"
#include "wire/protocol.h"
#include "wire/spec.h"
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>

/* A dump (netlink(7)): what does not fit is left for the next one. */
static bool is_dump(const struct netlink_spec *wanted) {
  struct nlmsghdr header;
  if (wanted->messages.size < sizeof header) return false;
  memcpy(&header, wanted->messages.at, sizeof header);
  return header.nlmsg_len == wanted->messages.size && (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* The kernel answers before the send returns: nothing more comes once there is nothing. */
static long collect(int socket, bool is_dump, struct writer *reply) {
  for (;;) {
    long room = reply->end - reply->at;
    long got = SYS(SYS_recvfrom, socket, reply->at, room, MSG_DONTWAIT | MSG_TRUNC, NULL, NULL);
    if (got == -EAGAIN) return 0;
    if (got < 0) return got;
    if (got > room && !is_dump) return -EMSGSIZE;
    reply->at += got > room ? room : got;
    if (got > room) return 0;
  }
}

int netlink_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct netlink_spec *wanted = spec;
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, wanted->family);
  if (socket < 0) return fail(failure, socket, "network", "netlink socket of family %u: %E", wanted->family, -socket);
  long result = SYS(SYS_sendto, socket, wanted->messages.at, wanted->messages.size, 0, NULL, 0);
  if (result >= 0) {
    uint8_t *messages = write_begin(reply, DD_TAG_NETLINK_ANSWER_MESSAGES);
    result = reply->full ? -EMSGSIZE : collect(socket, is_dump(wanted), reply);
    write_finish(reply, messages);
  }
  sys_close(socket);
  return result < 0 ? fail(failure, (int)result, "network", "netlink: %E", (int)-result) : 0;
}
