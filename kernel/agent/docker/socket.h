#pragma once
#include "base/fail.h"
/* Listens on the Docker socket; each connection becomes a stream of kind `socket`. */
int socket_listen(const char *path, struct failure *failure);
