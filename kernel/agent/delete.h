#pragma once
#include "fail.h"

/* Removes a container's folders with all that is in them, and the one that they stand in. None need be there. */
int delete_folders(const char *upper, const char *work, const char *merged, struct failure *failure);
