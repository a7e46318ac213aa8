/* endpointAdd and endpointRemove: networks joined and left by a container that runs. */
#include "network/endpoint.h"
#include "base/sys.h"
#include "base/thread.h"
#include "container/container.h"
#include "files/files.h"
#include "idle/spare_network.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

struct change {
  const struct endpoint_change_spec *spec;
  bool adds;
  int home; /* a socket of the guest's network */
  int network; /* the container's */
  struct failure *failure;
};

static int open_rtnetlink(struct failure *failure) {
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return socket < 0 ? fail(failure, socket, "network", "netlink socket: %E", -socket) : socket;
}

static int put_all(const struct change *change, int socket) {
  const struct endpoint_change_spec *spec = change->spec;
  struct netlink netlink = {.used = 0};
  if (change->adds && endpoint_put(&spec->endpoint, false, &netlink, socket, change->failure) < 0) return -1;
  if (endpoint_put_gateway(spec->gateway, spec->device, &netlink, socket, change->failure) < 0) return -1;
  if (endpoint_put_gateway(spec->gateway6, spec->device6, &netlink, socket, change->failure) < 0) return -1;
  int result = netlink.used == 0 ? 0 : netlink_commit(&netlink, socket);
  return result < 0 ? fail(change->failure, result, "network", "configure %s: %E", spec->endpoint.name, -result) : 0;
}

/* What has no end in the guest is taken away in the container. */
static int remove_inside(const struct change *change) {
  const struct endpoint_spec *endpoint = &change->spec->endpoint;
  int result = endpoint->kind == ENDPOINT_VETH ? 0 : endpoint_remove(endpoint->name);
  return result < 0 && result != -ENODEV
             ? fail(change->failure, result, "network", "remove %s: %E", endpoint->name, -result)
             : 0;
}

/* On a thread of its own, which does not come back from the container's network. */
static int go_inside(void *argument) {
  const struct change *change = argument;
  const struct endpoint_spec *endpoint = &change->spec->endpoint;
  struct network_place inside = {true, change->network};
  long result = SYS(SYS_setns, change->network, CLONE_NEWNET);
  if (result < 0) return fail(change->failure, result, "join", "setns to the network name space: %E", (int)-result);
  if (change->adds) files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", 0, 0, "1", 1);
  int socket = open_rtnetlink(change->failure);
  if (socket < 0) return -1;
  result = change->adds ? endpoint_make(endpoint, change->home, inside, change->failure) : remove_inside(change);
  bool made = change->adds && result == 0;
  if (result == 0) result = put_all(change, socket);
  /* It may have its own name by then. */
  if (result < 0 && made && endpoint->kind != ENDPOINT_VETH && endpoint_remove(endpoint->host_name) < 0)
    endpoint_remove(endpoint->name);
  sys_close(socket);
  return (int)result;
}

static int make_change(const struct endpoint_change_spec *spec, bool adds, struct failure *failure) {
  struct change change = {spec, adds, -1, -1, failure};
  channel_lock();
  change.network = container_open_network(spec->container, failure);
  channel_unlock();
  if (change.network < 0) return -1;
  change.home = open_rtnetlink(failure);
  int result = change.home;
  if (result >= 0) {
    result = thread_run(go_inside, &change);
    sys_close(change.home);
  }
  if (result == 0 && adds) spare_network_hold(spec->container, &spec->endpoint, change.network);
  sys_close(change.network);
  return result;
}

int endpoint_add_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct endpoint_change_spec *wanted = spec;
  (void)reply;
  if (*wanted->endpoint.host_name == '\0' || *wanted->endpoint.name == '\0')
    return fail(failure, EINVAL, "network", "an endpoint without name");
  int result = make_change(wanted, true, failure);
  /* EEXIST is the name of somebody else's pair. */
  bool has_end = wanted->endpoint.kind == ENDPOINT_VETH;
  if (result < 0 && failure->error != EEXIST && has_end) endpoint_remove(wanted->endpoint.host_name);
  return result;
}

int endpoint_remove_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct endpoint_change_spec *wanted = spec;
  (void)reply;
  bool has_end = wanted->endpoint.kind == ENDPOINT_VETH;
  int result = has_end ? endpoint_remove(wanted->endpoint.host_name) : 0;
  if (result < 0 && result != -ENODEV)
    return fail(failure, result, "network", "remove %s: %E", wanted->endpoint.host_name, -result);
  bool is_all = has_end && *wanted->gateway == '\0' && *wanted->gateway6 == '\0';
  return is_all ? 0 : make_change(wanted, false, failure);
}
