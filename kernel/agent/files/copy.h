/* A copy of an overlay's upper directory as a layer keeps it: what its archive has (verbs/archive.c), and nothing else.
 * Owners, modes, times in whole seconds, hard links, security.capability, whiteouts and opaque folders; no sockets. */
#pragma once
#include "base/fail.h"

/* `target` must not be there. Who still writes below `from` can spoil what is copied, but never lead it elsewhere.
 * Nothing is left after a failure. */
int copy_layer(int from, const char *target, struct failure *failure);
