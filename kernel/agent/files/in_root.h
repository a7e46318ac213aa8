/* Paths of a container, resolved by the kernel below the container's root (openat2(2)): no symbolic link leads out of
 * it, and the magic ones of /proc are not followed at all. What comes back is a file to mount on, make in or read
 * from: nobody joins strings and looks the name up a second time. */
#pragma once
#include "base/sys.h"
#include <stdbool.h>
#include <stdint.h>

/* Values of <linux/openat2.h> and <linux/magic.h>, whose names are not there on every libc. */
enum {
  RESOLVE_NO_XDEV_ = 1,
  RESOLVE_NO_MAGICLINKS_ = 2,
  RESOLVE_NO_SYMLINKS_ = 4,
  RESOLVE_BENEATH_ = 8,
  RESOLVE_IN_ROOT_ = 0x10,
  PROC_MAGIC = 0x9fa0,
  DEVPTS_MAGIC = 0x1cd1,
};

/* f_type of statfs(2) of the file system an open file is on, or -errno. */
long file_system_of(int file);

/* An open file or -errno; -ELOOP for a magic link. `root` is the folder that "/" is. */
int in_root_open(int root, const char *path, int flags);
/* The same where not a single part of the path may be a symbolic link. */
int in_root_open_plain(int root, const char *path, int flags);
/* The same where no link may lead out of `folder`: -EXDEV, in place of what is meant by it below. */
int beneath_open(int folder, const char *path, int flags);
/* mkdir -p: the folder, or the folders above and an empty file. Links within the root are followed, also where what
 * they lead to has yet to be made. An O_PATH file or -errno. */
int in_root_make_folder(int root, const char *path, unsigned mode);
int in_root_make_file(int root, const char *path, unsigned mode);
/* A folder made where it is missing, and the last name of `path` below it; for mknodat(2) and symlinkat(2). */
int in_root_parent(int root, const char *path, const char **name);
