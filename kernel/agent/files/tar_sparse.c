#include "files/tar_sparse.h"
#include <errno.h>
#include <string.h>

static bool read_number(const uint8_t *from, size_t size, uint64_t *number) {
  *number = 0;
  for (size_t i = 0; i < size; i++) {
    if (from[i] < '0' || from[i] > '9' || *number >> 58 != 0) return false;
    *number = *number * 10 + (uint64_t)(from[i] - '0');
  }
  return size > 0;
}

/* Offset and size in turn; they do not overlap, and empty ones say nothing. */
static bool put_number(struct sparse *sparse, uint64_t number) {
  if (!sparse->wants_size && sparse->count == sparse_extents_max) return false;
  struct sparse_extent *extent = &sparse->extents[sparse->count];
  sparse->wants_size = !sparse->wants_size;
  if (sparse->wants_size) {
    extent->offset = number;
    return number >= sparse->end;
  }
  extent->size = number;
  sparse->end = extent->offset + number;
  sparse->data += number;
  if (number > 0) sparse->count++;
  return sparse->end >> 62 == 0;
}

static bool put_list(struct sparse *sparse, const uint8_t *from, size_t size) {
  while (size > 0) {
    const uint8_t *comma = memchr(from, ',', size);
    size_t length = comma == NULL ? size : (size_t)(comma - from);
    uint64_t number;
    if (!read_number(from, length, &number) || !put_number(sparse, number)) return false;
    if (comma == NULL) break;
    from += length + 1;
    size -= length + 1;
    if (size == 0) return false;
  }
  return !sparse->wants_size;
}

static bool is_key(const uint8_t *key, size_t size, const char *name) {
  return size == strlen(name) && memcmp(key, name, size) == 0;
}

static bool take(const uint8_t *value, size_t size, uint64_t *number, bool *has) {
  return *has = read_number(value, size, number);
}

int sparse_record(struct sparse *sparse, const uint8_t *key, size_t key_size, const uint8_t *value, size_t size) {
  static const char prefix[] = "GNU.sparse.";
  if (key_size < sizeof prefix || memcmp(key, prefix, sizeof prefix - 1) != 0) return 0;
  const uint8_t *name = key + sizeof prefix - 1;
  size_t length = key_size - (sizeof prefix - 1);
  bool taken = true;
  uint64_t number;
  if (is_key(name, length, "major")) taken = take(value, size, &sparse->major, &sparse->has_major);
  if (is_key(name, length, "minor")) taken = take(value, size, &sparse->minor, &sparse->has_minor);
  if (is_key(name, length, "size")) taken = take(value, size, &sparse->size, &sparse->has_size);
  if (is_key(name, length, "realsize")) taken = take(value, size, &sparse->real_size, &sparse->has_real_size);
  if (is_key(name, length, "numblocks")) taken = take(value, size, &sparse->blocks, &sparse->has_blocks);
  if (is_key(name, length, "map")) taken = !sparse->has_map && put_list(sparse, value, size);
  if (is_key(name, length, "offset") || is_key(name, length, "numbytes"))
    taken = sparse->wants_size == (*name == 'n') && read_number(value, size, &number) && put_number(sparse, number);
  if (is_key(name, length, "map") || is_key(name, length, "offset")) sparse->has_map = true;
  return taken ? 1 : -EINVAL;
}

uint64_t sparse_size(const struct sparse *sparse, uint64_t stored) {
  return sparse->has_size ? sparse->size : sparse->has_real_size ? sparse->real_size : stored;
}

bool sparse_fits(const struct sparse *sparse, uint64_t size, uint64_t data) {
  return size >> 62 == 0 && sparse->end <= size && sparse->data == data && !sparse->wants_size;
}

int sparse_kind(const struct sparse *sparse, uint64_t stored) {
  bool told = sparse->has_major || sparse->has_minor;
  if (told && sparse->has_major && sparse->has_minor && sparse->major == 1 && sparse->minor == 0) return 2;
  if (told && !(sparse->has_major && sparse->has_minor && sparse->major == 0 && sparse->minor <= 1)) return 0;
  if (!told && !sparse->has_map) return 0;
  return sparse_fits(sparse, sparse_size(sparse, stored), stored) ? 1 : -EINVAL;
}

/* A line is a number: their count, then offsets and sizes. */
static bool put_line(struct sparse *sparse) {
  if (sparse->has_count) {
    sparse->numbers--;
    return put_number(sparse, sparse->number);
  }
  if (sparse->number > sparse_map_max) return false;
  sparse->has_count = true;
  sparse->numbers = 2 * sparse->number;
  return true;
}

int sparse_map(struct sparse *sparse, const uint8_t *from, size_t size) {
  sparse->read += size;
  if (sparse->read > sparse_map_max) return -EINVAL;
  for (size_t i = 0; i < size; i++) {
    if (from[i] == '\n') {
      if (!sparse->has_digits || !put_line(sparse)) return -EINVAL;
      sparse->number = 0;
      sparse->has_digits = false;
      if (sparse->numbers == 0) return 0;
      continue;
    }
    if (from[i] < '0' || from[i] > '9' || sparse->number >> 58 != 0) return -EINVAL;
    sparse->number = sparse->number * 10 + (uint64_t)(from[i] - '0');
    sparse->has_digits = true;
  }
  return 1;
}

void sparse_reset(struct sparse *sparse) {
  memset(sparse, 0, offsetof(struct sparse, extents));
}
