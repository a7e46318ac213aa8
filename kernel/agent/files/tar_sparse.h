/* Sparse files in pax archives as GNU tar writes them ("GNU tar manual", "Storing Sparse Files": 0.0, 0.1 and 1.0),
 * with what Go's archive/tar makes of them. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { sparse_extents_max = 64 * 1024, sparse_map_max = 1024 * 1024 };

/* Bytes that are there; between them are holes. */
struct sparse_extent {
  uint64_t offset, size;
};

/* What extended headers say of the file that follows, and its map. */
struct sparse {
  bool has_major, has_minor, has_map, has_size, has_real_size, has_blocks;
  bool wants_size; /* an offset was told, its size was not */
  uint64_t major, minor, size, real_size, blocks;
  uint64_t data, end; /* bytes of the extents, and where the last one ends */
  uint64_t numbers, number, read; /* of a map before the data: numbers to come (0: their count is one), digits, bytes */
  bool has_digits, has_count;
  uint32_t count;
  struct sparse_extent extents[sparse_extents_max];
};

/* A record of an extended header: 1 taken, 0 of another kind, or -EINVAL. The name goes to `name` by the caller. */
int sparse_record(struct sparse *sparse, const uint8_t *key, size_t key_size, const uint8_t *value, size_t size);
/* What a file of `stored` bytes in the archive is: 0 a plain one, 1 a sparse one whose map is there, 2 one whose map
 * comes first (sparse_map); or -EINVAL. */
int sparse_kind(const struct sparse *sparse, uint64_t stored);
/* The bytes of the file. */
uint64_t sparse_size(const struct sparse *sparse, uint64_t stored);
/* Takes the next part of a map before the data: 1 there is more, 0 the map is whole, or -EINVAL. */
int sparse_map(struct sparse *sparse, const uint8_t *from, size_t size);
/* Whether the extents are in a file of `size` bytes, and are `data` bytes in all. */
bool sparse_fits(const struct sparse *sparse, uint64_t size, uint64_t data);
/* For the next file. */
void sparse_reset(struct sparse *sparse);
