/* Memory that is freed all at once: what a request was decoded into. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct arena {
  struct arena_block *blocks;
  uint8_t *at, *end;
};

/* Zeroed, aligned for any type; NULL when memory is out. */
void *arena_take(struct arena *arena, size_t size);
char *arena_string(struct arena *arena, const void *from, size_t size);
void arena_free(struct arena *arena);
