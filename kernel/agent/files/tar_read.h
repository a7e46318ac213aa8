/* Headers of a tar archive, read: ustar, pax (pax(1)) and GNU's long names and base-256 numbers (tar(5)). */
#pragma once
#include "files/tar.h"
#include "files/tar_sparse.h"
#include <stdbool.h>

enum { tar_extension_max = 64 * 1024, tar_attributes_max = 96 * 1024 };

/* What extended headers say of the entry that follows. */
struct tar_reader {
  bool has_name, has_real_name, has_link, has_size, has_uid, has_gid, has_modified;
  bool is_read; /* the entry that the sparse map is of */
  uint64_t size;
  uint32_t uid, gid;
  int64_t modified;
  size_t attributes_size;
  char name[tar_name_max + 1], real_name[tar_name_max + 1], link[tar_name_max + 1];
  uint8_t attributes[tar_attributes_max];
  struct sparse sparse; /* until the next header */
};

/* What a block is: 1 an entry, filled in, whose strings are in the reader until the next call; 2 an extension, of
 * entry->size bytes (up to tar_extension_max) that go to tar_extend; 0 the end; or -EINVAL. */
int tar_read(struct tar_reader *reader, const uint8_t block[tar_block], struct tar_entry *entry);
/* An extended attribute of the entry (SCHILY.xattr, star(1)); `at` is 0 first, and moves on. False: no more. */
struct tar_attribute {
  const char *name;
  const void *value;
  size_t size;
};
bool tar_attribute(const struct tar_entry *entry, size_t *at, struct tar_attribute *found);
/* Takes the contents of an extension of this type. 0 or -EINVAL. */
int tar_extend(struct tar_reader *reader, char type, const uint8_t *from, size_t size);
