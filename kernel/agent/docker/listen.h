/* Unix sockets that the agent listens on. */
#pragma once
#include "base/fail.h"
#include "loop/loop.h"

/* `type` is SOCK_STREAM or SOCK_SEQPACKET. The socket belongs to root and the group "docker", mode 0660, as Docker's
 * own. */
int listen_unix(struct watch *watch, const char *path, int type, struct failure *failure);
/* The next connection, not blocking, or -errno; its peer's credentials. */
int listen_accept(const struct watch *watch, uint32_t *pid, uint32_t *uid, uint32_t *gid);
