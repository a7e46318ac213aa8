#include "base/arena.h"
#include <stdlib.h>
#include <string.h>

enum { block_bytes = 12 * 1024 - 64 };

struct arena_block {
  struct arena_block *next;
  size_t pad;
};

static int grow(struct arena *arena, size_t size) {
  size_t room = size > block_bytes ? size : block_bytes;
  struct arena_block *block = malloc(sizeof *block + room);
  if (block == NULL) return -1;
  block->next = arena->blocks;
  arena->blocks = block;
  arena->at = (uint8_t *)(block + 1);
  arena->end = arena->at + room;
  return 0;
}

static void *take(struct arena *arena, size_t size) {
  size = (size + 7) & ~(size_t)7;
  if ((size_t)(arena->end - arena->at) < size && grow(arena, size) < 0) return NULL;
  void *taken = arena->at;
  arena->at += size;
  return taken;
}

void *arena_take(struct arena *arena, size_t size) {
  void *taken = take(arena, size);
  return taken == NULL ? NULL : memset(taken, 0, size);
}

char *arena_string(struct arena *arena, const void *from, size_t size) {
  char *taken = take(arena, size + 1);
  if (taken == NULL) return NULL;
  memcpy(taken, from, size);
  taken[size] = '\0';
  return taken;
}

void arena_free(struct arena *arena) {
  for (struct arena_block *next, *block = arena->blocks; block != NULL; block = next) {
    next = block->next;
    free(block);
  }
  *arena = (struct arena){0};
}
