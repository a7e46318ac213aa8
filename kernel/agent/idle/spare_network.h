/* Network name spaces made ahead of their containers, and those of containers that have gone. A spare one has lo up and
 * both ends of a veth pair inside, so that nothing of it shows in the guest's own network; it belongs to no network,
 * for the host's end learns bridge, name and MTU when a container takes it. */
#pragma once
#include "base/fail.h"
#include "wire/spec.h"
#include <stdbool.h>

/* A name space for container `id`, which will be started next: a file of it, which is the caller's to close, or fails.
 * It may have no pair. */
int spare_network_reserve(const char *id, struct failure *failure);
/* Gives container `id` what was reserved for it, or a spare name space if there is one and it suits: a file of it,
 * which is the caller's to close, and in `index`, if a pair stands ready there, the host's end; which stays as it is
 * where the container has to make its interfaces itself. Else -1, and it has to make its own name space. */
int spare_network_take(const char *id, const struct container_spec *spec, int *index);
/* Another interface of a container, which goes when it is given back. `network`: a file of the container's name space,
 * which stays the caller's. */
void spare_network_hold(const char *id, const struct endpoint_spec *endpoint, int network);
/* A file of the guest's own network. */
int spare_network_home(void);
/* Takes the pairs of a container that has ended away; the rest is put off (idle.h). */
void spare_network_give_back(const char *id);

/* A unit of work put off; false: there is none. On the idle thread alone. */
bool spare_network_close_one(void);
bool spare_network_make_one(void);
