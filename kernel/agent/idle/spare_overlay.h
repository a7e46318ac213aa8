/* The overlay of the container that is expected next, mounted ahead of it. The host says at each start which ID the
 * next container will have; one of the same layers is what people start again and again. The mount belongs to no name
 * space (open_tree(2)), so that nobody sees it, and its folder has no container's name until the container takes it. */
#pragma once
#include "wire/spec.h"
#include <stdbool.h>

/* A detached mount for exactly these layers and folders, the caller's to close; the folders are where the container
 * wants them. Else -1. */
int spare_overlay_take(const struct container_spec *spec);
/* What the container that `spec` starts makes likely: one named spec->next, of the same layers. */
void spare_overlay_expect(const struct container_spec *spec);
/* Somebody else is about to use or remove this upper directory. */
void spare_overlay_drop(const char *upper);

/* Units of work put off, on the idle thread alone (idle.h). False: there is nothing to do. */
bool spare_overlay_close_one(void);
bool spare_overlay_make_one(void);
