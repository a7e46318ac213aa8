/* Headers of a tar archive: ustar, and pax (POSIX.1-2001, pax(1)) for what has no room or no letters there. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { tar_block = 512, tar_name_max = 8192, tar_attribute_max = 64, tar_header_max = 20 * 1024 };

struct tar_entry {
  const char *name, *link; /* up to tar_name_max; a folder's name ends with a slash */
  char type; /* '0' file, '1' hard link, '2' symbolic link, '3' character, '4' block, '5' folder, '6' FIFO */
  uint32_t mode, uid, gid, major, minor;
  uint64_t size; /* bytes that follow */
  int sparse; /* read: 0 a plain file; else what sparse_kind said, its map in the reader */
  int64_t modified; /* seconds */
  const void *capability; /* security.capability to be written, up to tar_attribute_max bytes */
  size_t capability_size;
  const uint8_t *attributes; /* all that were read, for tar_attribute */
  size_t attributes_size;
};

/* Writes the header into `to`, of tar_header_max bytes. Its size, a multiple of tar_block. */
size_t tar_header(const struct tar_entry *entry, uint8_t *to);
