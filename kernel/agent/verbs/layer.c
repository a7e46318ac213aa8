/* layerKeep: what a container has written becomes a layer, by renaming its upper directory or as a copy of it. */
#include "base/sys.h"
#include "container/container.h"
#include "files/copy.h"
#include "files/files.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>

/* A running container would go on writing into the layer. */
static bool is_there(const char *id) {
  channel_lock();
  bool found = container_find(id) != NULL;
  channel_unlock();
  return found;
}

static int keep(const struct layer_spec *wanted, int upper, struct failure *failure) {
  int result = files_make_parent(AT_FDCWD, wanted->target, 0755);
  if (result < 0) return fail(failure, result, "layer", "mkdir %s: %E", wanted->target, -result);
  if (wanted->copy != 0) return copy_layer(upper, wanted->target, failure);
  result = (int)SYS(SYS_renameat2, AT_FDCWD, wanted->upper, AT_FDCWD, wanted->target, 1 /* RENAME_NOREPLACE */);
  return result < 0 ? fail(failure, result, "layer", "rename %s to %s: %E", wanted->upper, wanted->target, -result) : 0;
}

int layer_keep_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct layer_spec *wanted = spec;
  (void)reply;
  if (wanted->copy == 0 && is_there(wanted->container))
    return fail(failure, EBUSY, "layer", "container %s runs", wanted->container);
  int upper = sys_open(AT_FDCWD, wanted->upper, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (upper < 0) return fail(failure, upper, "layer", "%s: %E", wanted->upper, -upper);
  int result = keep(wanted, upper, failure);
  sys_close(upper);
  return result;
}
