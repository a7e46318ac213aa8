/* Paths and small files, by system calls alone. */
#pragma once
#include "base/record.h"

enum { files_path_max = 4096 };

/* mkdir -p of a path that is not above files_path_max; existing directories are fine. */
int files_make_directory(int directory, const char *path, unsigned mode);
/* The same for the folder that holds `path`. */
int files_make_parent(int directory, const char *path, unsigned mode);
/* Opens with O_TRUNC if asked by `flags`, writes all in one write(2), closes. 0 or -errno. */
int files_put(int directory, const char *path, int flags, unsigned mode, const void *from, size_t size);
/* Reads up to `size` bytes: the count or -errno. */
long files_get(int directory, const char *path, void *to, size_t size);
/* Removes a file or a tree without leaving its file system. 0, also when there is nothing, or -errno. */
int files_remove_tree(int directory, const char *path);
/* An extended attribute of what `found` is, an O_PATH file too: its size or -errno. */
long files_attribute(int found, const char *name, void *to, size_t size);
