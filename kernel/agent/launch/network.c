/* A container's network: lo up, and for each endpoint an interface made from inside (so that the kernel moves nothing).
 */
#include "base/sys.h"
#include "files/files.h"
#include "launch/steps.h"
#include "network/endpoint.h"
#include "network/netlink.h"
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

int step_network(const struct container_spec *spec, const struct network_files *files, struct failure *failure) {
  const struct list *endpoints = &spec->endpoints;
  if ((spec->namespaces & CLONE_NEWNET) == 0) return 0;
  bool spare = files->home >= 0;
  /* As Docker does on networks without IPv6; it also spares duplicate address detection and multicast joins. */
  if (endpoints->count > 0 && !spare) files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", 0, 0, "1", 1);
  struct network_place inside = {.number = (int)SYS(SYS_getpid)};
  for (uint32_t i = spare ? 1 : 0; i < endpoints->count; i++)
    if (endpoint_make((const struct endpoint_spec *)endpoints->at + i, files->rtnetlink, inside, failure) < 0)
      return -1;
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket < 0) return fail(failure, socket, "network", "netlink socket: %E", -socket);
  if (spare && endpoint_move(endpoints->at, files, socket, failure) < 0) return -1;
  struct netlink netlink = {.used = 0};
  if (!spare) endpoint_put_lo(&netlink);
  for (uint32_t i = 0; i < endpoints->count; i++)
    if (endpoint_put((const struct endpoint_spec *)endpoints->at + i, spare && i == 0, &netlink, socket, failure) < 0)
      return -1;
  int result = netlink_commit(&netlink, socket);
  sys_close(socket);
  return result < 0 ? fail(failure, result, "network", "configure the interfaces: %E", -result) : 0;
}
