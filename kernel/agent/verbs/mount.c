/* mount and unmount: the overlay of a stopped container, at a path of the guest. */
#include "files/mountapi.h"
#include "files/overlay.h"
#include "idle/spare_overlay.h"
#include "launch/binds.h"
#include "launch/target.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>

/* What cannot be there is not: an overlay to be read has no place that the container's start would make. */
static void add_bind(int root, const struct mount_spec *bind) {
  struct failure ignored;
  int source = bind_open(bind, &ignored);
  if (source < 0) return;
  target_attach(root, source, bind->target, &ignored);
  sys_close(source);
}

static int add_binds(const struct overlay_spec *overlay, struct failure *failure) {
  if (overlay->binds.count == 0) return 0;
  int root = sys_open(AT_FDCWD, overlay->target, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  if (root < 0) return fail(failure, root, "mount", "%s: %E", overlay->target, -root);
  for (uint32_t i = 0; i < overlay->binds.count; i++)
    add_bind(root, (const struct mount_spec *)overlay->binds.at + i);
  sys_close(root);
  return 0;
}

int mount_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct overlay_spec *overlay = spec;
  (void)reply;
  if (*overlay->target != '/') return fail(failure, EINVAL, "mount", "target %s is not absolute", overlay->target);
  spare_overlay_drop(overlay->upper);
  if (overlay_mount(&overlay->lowers, overlay->upper, overlay->work, overlay->target, failure) < 0) return -1;
  return add_binds(overlay, failure);
}

int unmount_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct overlay_spec *overlay = spec;
  (void)reply;
  long result = SYS(SYS_umount2, overlay->target, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  if (result == -EINVAL || result == -ENOENT) return 0;
  return result < 0 ? fail(failure, result, "unmount", "umount %s: %E", overlay->target, (int)-result) : 0;
}
