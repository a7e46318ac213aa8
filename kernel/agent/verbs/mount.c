/* mount and unmount: the overlay of a stopped container, at a path of the guest. */
#include "files/mountapi.h"
#include "files/overlay.h"
#include "idle/spare_overlay.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>

int mount_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct overlay_spec *overlay = spec;
  (void)reply;
  if (*overlay->target != '/') return fail(failure, EINVAL, "mount", "target %s is not absolute", overlay->target);
  spare_overlay_drop(overlay->upper);
  return overlay_mount(&overlay->lowers, overlay->upper, overlay->work, overlay->target, failure);
}

int unmount_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct overlay_spec *overlay = spec;
  (void)reply;
  long result = SYS(SYS_umount2, overlay->target, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  if (result == -EINVAL || result == -ENOENT) return 0;
  return result < 0 ? fail(failure, result, "unmount", "umount %s: %E", overlay->target, (int)-result) : 0;
}
