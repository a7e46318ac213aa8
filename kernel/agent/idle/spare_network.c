#include "idle/spare_network.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "container/container.h"
#include "files/files.h"
#include "network/endpoint.h"
#include "network/netlink.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { spares_max = 6, closing_max = 24, name_bytes = 16, default_mtu = 1500 };

static const char host_end[] = "spare";

struct spare {
  int file, index;
};

/* Of a container, until it is deleted. */
struct held {
  struct held *next;
  int file; /* a name space made ahead, or -1 */
  int index; /* of the host's end of its pair, until it is taken; -1: it has none */
  bool reserved; /* the container is still to come */
  bool is_inside; /* `link` is a name in `file`, not the host's end of a pair */
  char id[container_id_max], link[name_bytes];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct spare spares[spares_max];
static int closing[closing_max];
static unsigned spare_count, closing_count;
static struct held *held;
static int home = -1;

int spare_network_home(void) {
  if (home < 0) home = sys_open(AT_FDCWD, "/proc/self/ns/net", O_RDONLY | O_CLOEXEC, 0);
  return home;
}

/* --- to containers --- */

static bool suits(const struct container_spec *spec) {
  if ((spec->namespaces & CLONE_NEWNET) == 0 || *spec->join_network != '\0' || spec->endpoints.count == 0) return false;
  const struct endpoint_spec *first = spec->endpoints.at;
  return first->kind == ENDPOINT_VETH && strcmp(first->name, "eth0") == 0 && strlen(first->host_name) < name_bytes;
}

static void hold(struct held *mine) {
  pthread_mutex_lock(&lock);
  mine->next = held;
  held = mine;
  pthread_mutex_unlock(&lock);
}

static struct held *new_held(const char *id, const char *link) {
  struct held *mine = calloc(1, sizeof *mine);
  if (mine == NULL || strlen(id) >= sizeof mine->id || strlen(link) >= sizeof mine->link) {
    free(mine);
    return NULL;
  }
  mine->file = mine->index = -1;
  text_format(mine->id, sizeof mine->id, "%s", id);
  text_format(mine->link, sizeof mine->link, "%s", link);
  return mine;
}

static int open_again(int file) {
  return (int)SYS(SYS_FCNTL, file, F_DUPFD_CLOEXEC, 3);
}

void spare_network_hold(const char *id, const struct endpoint_spec *endpoint, int network) {
  bool has_end = endpoint->kind == ENDPOINT_VETH;
  struct held *mine = new_held(id, has_end ? endpoint->host_name : endpoint->name);
  if (mine == NULL) return;
  mine->is_inside = !has_end;
  if (!has_end) mine->file = open_again(network);
  hold(mine);
}

static void hold_links(const char *id, const struct list *endpoints, uint32_t from, int network) {
  for (uint32_t i = from; i < endpoints->count; i++)
    spare_network_hold(id, (const struct endpoint_spec *)endpoints->at + i, network);
}

static bool any_is_inside(const struct list *endpoints) {
  for (uint32_t i = 0; i < endpoints->count; i++)
    if (((const struct endpoint_spec *)endpoints->at)[i].kind != ENDPOINT_VETH) return true;
  return false;
}

/* One that stands ready. */
static bool pop(struct spare *spare) {
  pthread_mutex_lock(&lock);
  bool found = spare_count > 0;
  if (found) *spare = spares[--spare_count];
  pthread_mutex_unlock(&lock);
  return found;
}

/* A name space with nothing in it. The thread ends there. */
static int make_bare(void *argument) {
  int *file = argument;
  long result = SYS(SYS_unshare, CLONE_NEWNET);
  if (result < 0) return (int)result;
  *file = sys_open(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0);
  return *file < 0 ? *file : 0;
}

int spare_network_reserve(const char *id, struct failure *failure) {
  struct spare spare = {-1, -1};
  spare_network_give_back(id); /* of a run that nobody deleted */
  struct held *mine = new_held(id, "");
  if (mine == NULL) return fail(failure, ENOMEM, "network", "no memory for the network of %s", id);
  int result = spare_network_home() >= 0 && pop(&spare) ? 0 : thread_run(make_bare, &spare.file);
  if (result == 0) result = open_again(spare.file);
  if (result < 0) {
    if (spare.file >= 0) sys_close(spare.file);
    free(mine);
    return fail(failure, result, "network", "network name space of %s: %E", id, -result);
  }
  mine->file = spare.file;
  mine->index = spare.index;
  mine->reserved = true;
  hold(mine);
  return result;
}

/* Where a name space has a pair that does not suit who takes it. The thread ends there. */
static int remove_pair(void *argument) {
  long result = SYS(SYS_setns, *(const int *)argument, CLONE_NEWNET);
  return result < 0 ? (int)result : endpoint_remove(host_end);
}

/* What was reserved for the container, whose it is from now on; NULL: nothing. */
static struct held *find_reserved(const char *id) {
  pthread_mutex_lock(&lock);
  struct held *found = held;
  while (found != NULL && (!found->reserved || strcmp(found->id, id) != 0))
    found = found->next;
  if (found != NULL) found->reserved = false;
  pthread_mutex_unlock(&lock);
  return found;
}

/* Its place among the held ones is safe: only a delete of this container, which comes after its start, takes it away.
 */
static int take_reserved(struct held *mine, const struct container_spec *spec, int *index) {
  bool whole = mine->index >= 0 && suits(spec);
  if (whole) {
    text_format(mine->link, sizeof mine->link, "%s", ((const struct endpoint_spec *)spec->endpoints.at)->host_name);
    *index = mine->index;
  } else if (mine->index >= 0) {
    thread_run(remove_pair, &mine->file);
  }
  hold_links(mine->id, &spec->endpoints, whole ? 1 : 0, mine->file);
  return open_again(mine->file);
}

/* What has no end in the guest is taken away inside, when the container has gone: the kernel would do so some time
 * after its last process, and until then nobody else could have the address. So there is a file of its name space. */
static int take_for_inside(const char *id, const struct container_spec *spec, int *index) {
  struct failure failure = {.error = 0};
  int file = spare_network_reserve(id, &failure);
  if (file >= 0) sys_close(file);
  struct held *mine = file < 0 ? NULL : find_reserved(id);
  return mine == NULL ? -1 : take_reserved(mine, spec, index);
}

int spare_network_take(const char *id, const struct container_spec *spec, int *index) {
  struct held *mine = find_reserved(id);
  if (mine != NULL) return take_reserved(mine, spec, index);
  if (*spec->join_network == '\0' && any_is_inside(&spec->endpoints)) return take_for_inside(id, spec, index);
  if (!suits(spec) || spare_network_home() < 0) return -1;
  spare_network_give_back(id); /* of a run that nobody deleted */
  if ((mine = new_held(id, ((const struct endpoint_spec *)spec->endpoints.at)->host_name)) == NULL) return -1;
  struct spare spare;
  int file = -1;
  if (pop(&spare)) {
    mine->file = spare.file;
    *index = spare.index;
    file = open_again(spare.file);
  }
  /* Also of a pair that the container makes itself: whoever shares its network must not keep the address. */
  hold(mine);
  hold_links(id, &spec->endpoints, 1, file);
  return file < 0 ? -1 : file;
}

/* --- from containers --- */

static struct held *unhold(const char *id) {
  pthread_mutex_lock(&lock);
  struct held **at = &held;
  while (*at != NULL && strcmp((*at)->id, id) != 0)
    at = &(*at)->next;
  struct held *found = *at;
  if (found != NULL) *at = found->next;
  pthread_mutex_unlock(&lock);
  return found;
}

static bool put_off(int file) {
  pthread_mutex_lock(&lock);
  bool room = closing_count < closing_max;
  if (room) closing[closing_count++] = file;
  pthread_mutex_unlock(&lock);
  return room;
}

/* The thread ends there. */
static int remove_inside(void *argument) {
  const struct held *mine = argument;
  long result = SYS(SYS_setns, mine->file, CLONE_NEWNET);
  return result < 0 ? (int)result : endpoint_remove(mine->link);
}

void spare_network_give_back(const char *id) {
  for (struct held *mine; (mine = unhold(id)) != NULL; free(mine)) {
    /* The kernel would take it away with the name space, but that may be later than anybody expects to see it. */
    if (mine->is_inside && mine->file >= 0)
      thread_run(remove_inside, mine);
    else if (*mine->link != '\0')
      endpoint_remove(mine->link);
    if (mine->file >= 0 && !put_off(mine->file)) sys_close(mine->file);
  }
}

bool spare_network_close_one(void) {
  pthread_mutex_lock(&lock);
  int file = closing_count > 0 ? closing[--closing_count] : -1;
  pthread_mutex_unlock(&lock);
  if (file < 0) return false;
  sys_close(file);
  return true;
}

/* --- ahead of containers --- */

static int put_pair(int socket) {
  struct netlink netlink = {.used = 0};
  endpoint_put_lo(&netlink);
  netlink_begin(&netlink, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, host_end);
  netlink_put_u32(&netlink, IFLA_MTU, default_mtu);
  struct nlattr *link = netlink_nest(&netlink, IFLA_LINKINFO, 0);
  netlink_put_string(&netlink, IFLA_INFO_KIND, "veth");
  struct nlattr *data = netlink_nest(&netlink, IFLA_INFO_DATA, 0);
  struct nlattr *peer = netlink_nest(&netlink, VETH_INFO_PEER, sizeof(struct ifinfomsg));
  netlink_put_string(&netlink, IFLA_IFNAME, "eth0");
  netlink_put_u32(&netlink, IFLA_MTU, default_mtu);
  netlink_nest_end(&netlink, peer);
  netlink_nest_end(&netlink, data);
  netlink_nest_end(&netlink, link);
  return netlink_commit(&netlink, socket);
}

/* In the new name space. */
static int furnish(struct spare *spare) {
  files_put(AT_FDCWD, "/proc/sys/net/ipv6/conf/default/disable_ipv6", 0, 0, "1", 1);
  int socket = (int)SYS(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket < 0) return socket;
  int result = put_pair(socket);
  if (result == 0) result = spare->index = netlink_index(socket, host_end);
  sys_close(socket);
  return result;
}

/* Only this thread goes there and comes back. One that cannot come back may do nothing more in the guest's name. */
static int make(struct spare *spare) {
  long result = SYS(SYS_unshare, CLONE_NEWNET);
  if (result < 0) return (int)result;
  spare->file = sys_open(AT_FDCWD, "/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC, 0);
  result = spare->file < 0 ? spare->file : furnish(spare);
  if (SYS(SYS_setns, home, CLONE_NEWNET) < 0) pthread_exit(NULL);
  if (result < 0 && spare->file >= 0) sys_close(spare->file);
  return result < 0 ? (int)result : 0;
}

bool spare_network_make_one(void) {
  struct spare spare;
  pthread_mutex_lock(&lock);
  bool full = spare_count == spares_max;
  pthread_mutex_unlock(&lock);
  if (full || spare_network_home() < 0 || make(&spare) < 0) return false;
  pthread_mutex_lock(&lock);
  spares[spare_count++] = spare;
  pthread_mutex_unlock(&lock);
  return true;
}
