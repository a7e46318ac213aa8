#pragma once
#include "base/fail.h"

/* Makes it at `path`, where it may be already. */
int init_layer_make(const char *path, struct failure *failure);
