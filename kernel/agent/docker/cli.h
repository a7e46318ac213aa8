#pragma once
#include "base/fail.h"
/* Listens for `docker` programs (shim.h); each becomes a stream of kind `cli`. */
int cli_listen(const char *path, struct failure *failure);
