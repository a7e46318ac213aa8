/* Folders of overlays made ahead of their containers: diff, work and merged in one of no container's name. Those of a
 * container that has gone are not used again, for whoever was passed a file of it (SCM_RIGHTS) still reaches them. */
#pragma once
#include <stdbool.h>

/* Puts a ready folder where a new container's is to be, if it has none yet. Else start makes its own. */
void spare_folders_take(const char *upper, const char *work, const char *merged);
/* A unit of work put off, on the idle thread alone (idle.h). False: there are enough. */
bool spare_folders_make_one(void);
