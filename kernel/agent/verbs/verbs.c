#include "verbs/verbs.h"
#include "wire/protocol.h"
#include "wire/spec.h"

/* By kind; what is not there does not exist. */
static const struct verb verbs[] = {
    [DD_HOST_KIND_START] = {.open = start_open},
    [DD_HOST_KIND_EXEC] = {.open = exec_open},
    [DD_HOST_KIND_SIGNAL] = {.answer = signal_answer, .shape = &signal_shape},
    [DD_HOST_KIND_FREEZE] = {.open = freeze_open},
    [DD_HOST_KIND_DELETE] = {.answer = delete_answer, .shape = &delete_shape, .slow = true},
    [DD_HOST_KIND_UPDATE] = {.answer = update_answer, .shape = &cgroup_shape},
    [DD_HOST_KIND_INSPECT] = {.answer = inspect_answer, .shape = &inspect_shape, .slow = true},
    [DD_HOST_KIND_NETWORK_CREATE] = {.answer = network_create_answer, .shape = &network_shape, .slow = true},
    [DD_HOST_KIND_NETWORK_DELETE] = {.answer = network_delete_answer, .shape = &network_shape, .slow = true},
    [DD_HOST_KIND_MOUNT] = {.answer = mount_answer, .shape = &overlay_shape, .slow = true},
    [DD_HOST_KIND_UNMOUNT] = {.answer = unmount_answer, .shape = &overlay_shape, .slow = true},
    [DD_HOST_KIND_CLOCK] = {.answer = clock_answer, .shape = &clock_shape},
    [DD_HOST_KIND_WRITE] = {.answer = write_answer, .shape = &write_shape, .slow = true},
    [DD_HOST_KIND_WATCH_EXECS] = {.open = exec_events_open},
    [DD_HOST_KIND_ECHO] = {.open = echo_open},
    [DD_HOST_KIND_QUIESCE] = {.open = quiesce_open},
    [DD_HOST_KIND_ENDPOINT_ADD] = {.answer = endpoint_add_answer, .shape = &endpoint_change_shape, .slow = true},
    [DD_HOST_KIND_ENDPOINT_REMOVE] = {.answer = endpoint_remove_answer, .shape = &endpoint_change_shape, .slow = true},
    [DD_HOST_KIND_LAYER_KEEP] = {.answer = layer_keep_answer, .shape = &layer_shape, .slow = true},
    [DD_HOST_KIND_NETLINK] = {.answer = netlink_answer, .shape = &netlink_shape, .slow = true},
    [DD_HOST_KIND_CONNECT] = {.open = connect_open},
    [DD_HOST_KIND_DATAGRAMS] = {.open = datagrams_open},
    [DD_HOST_KIND_RESOLVER] = {.open = resolver_open},
    [DD_HOST_KIND_OUTSIDE] = {.open = outside_open},
    [DD_HOST_KIND_LIST] = {.flow = list_flow, .shape = &tree_shape},
    [DD_HOST_KIND_ARCHIVE] = {.flow = archive_flow, .shape = &archive_shape},
    [DD_HOST_KIND_EXTRACT] = {.flow = extract_flow, .shape = &extract_shape},
};

void verbs_serve(void) {
  request_serve(verbs, sizeof verbs / sizeof verbs[0]);
}
