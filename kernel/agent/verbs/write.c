/* write: folders and files of the guest itself. */
#include "base/sys.h"
#include "files/files.h"
#include "idle/spare_overlay.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>

static int put(const struct file_spec *file) {
  int fd = sys_open(AT_FDCWD, file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
  if (fd == -ENOENT && files_make_parent(AT_FDCWD, file->path, 0755) == 0)
    fd = sys_open(AT_FDCWD, file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, file->mode);
  if (fd < 0) return fd;
  long result = 0;
  for (uint32_t at = 0; at < file->contents.size && result >= 0; at += (uint32_t)result)
    result = sys_write(fd, file->contents.at + at, file->contents.size - at);
  if (result >= 0) result = SYS(SYS_fchownat, fd, "", file->uid, file->gid, AT_EMPTY_PATH);
  /* The file may have been there with another mode, and the umask is not the caller's. */
  if (result >= 0 && file->mode != 0) result = SYS(SYS_fchmod, fd, file->mode);
  sys_close(fd);
  return result < 0 ? (int)result : 0;
}

int write_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct write_spec *wanted = spec;
  (void)reply;
  int result;
  for (uint32_t i = 0; i < wanted->remove.count; i++)
    if ((result = files_remove_tree(AT_FDCWD, wanted->remove.at[i])) < 0)
      return fail(failure, result, "write", "remove %s: %E", wanted->remove.at[i], -result);
  for (uint32_t i = 0; i < wanted->make_directories.count; i++) {
    const char *folder = wanted->make_directories.at[i];
    /* What stands ready under this name would be renamed with it. */
    spare_overlay_drop(folder);
    if ((result = files_make_directory(AT_FDCWD, folder, 0755)) < 0)
      return fail(failure, result, "write", "mkdir %s: %E", folder, -result);
  }
  for (uint32_t i = 0; i < wanted->files.count; i++) {
    const struct file_spec *file = (const struct file_spec *)wanted->files.at + i;
    if ((result = put(file)) < 0) return fail(failure, result, "write", "%s: %E", file->path, -result);
  }
  return 0;
}
