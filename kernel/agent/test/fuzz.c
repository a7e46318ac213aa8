/* libFuzzer target: any bytes as the stream of frames, cut anywhere, any payload as each of the records, and as headers
 * of an archive. Nothing may be read or written out of bounds, and what was allocated must be given back. */
#include "files/tar_read.h"
#include "wire/frame.h"
#include "wire/spec.h"
#include <stdlib.h>
#include <string.h>

static const struct shape *const shapes[] = {EVERY_SHAPE};

static void touch(const struct strings *strings) {
  size_t sum = 0;
  for (uint32_t i = 0; i < strings->count; i++)
    sum += strlen(strings->at[i]);
  if (strings->at[strings->count] != NULL || sum > 1u << 20) abort();
}

static void decode(struct bytes payload) {
  union any_spec spec;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
    struct arena arena = {0};
    if (shapes[i]->size > sizeof spec) abort();
    if (record_decode(shapes[i], payload, &arena, &spec) == 0 && shapes[i] == &container_shape) {
      touch(&spec.container.lowers);
      touch(&spec.container.process.args);
      touch(&spec.container.process.env);
      for (uint32_t j = 0; j < spec.container.mounts.count; j++)
        if (strlen(((struct mount_spec *)spec.container.mounts.at)[j].target) > payload.size) abort();
    }
    arena_free(&arena);
  }
}

/* As an extension of each type, then as the header of the entry that it is for. */
static void read_header(const uint8_t *data, size_t size) {
  static const char types[] = "xgLK";
  struct tar_reader *reader = calloc(1, sizeof *reader);
  struct tar_entry entry;
  uint8_t block[tar_block] = {0};
  if (reader == NULL) abort();
  for (int i = 0; i < 4; i++)
    tar_extend(reader, types[i], data, size);
  memcpy(block, data, size < tar_block ? size : tar_block);
  uint32_t sum = 0;
  for (int i = 0; i < tar_block; i++)
    sum += i >= 148 && i < 156 ? ' ' : block[i];
  for (int i = 5; i >= 0; i--, sum >>= 3)
    block[148 + i] = (uint8_t)('0' + (sum & 7));
  block[154] = block[155] = 0;
  if (tar_read(reader, block, &entry) == 1)
    if (strlen(entry.name) > tar_name_max || strlen(entry.link) > tar_name_max || entry.size >> 62 != 0) abort();
  free(reader);
}

static void handle(void *context, const struct frame *frame) {
  (void)context;
  /* A copy of the exact size lets the sanitizer see any step over its end. */
  uint8_t *copy = malloc(frame->payload.size + 1);
  memcpy(copy, frame->payload.at, frame->payload.size);
  uint8_t *exact = realloc(copy, frame->payload.size > 0 ? frame->payload.size : 1);
  decode((struct bytes){exact, frame->payload.size});
  free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct frame_parser parser;
  struct failure failure;
  frame_parser_clear(&parser);
  if (size == 0) return 0;
  decode((struct bytes){data + 1, (uint32_t)size - 1});
  read_header(data + 1, size - 1);
  uint32_t step = data[0] + 1u;
  for (size_t at = 1; at < size; at += step) {
    uint32_t part = size - at < step ? (uint32_t)(size - at) : step;
    if (frame_parse(&parser, (struct bytes){data + at, part}, handle, NULL, &failure) < 0) return 0;
  }
  return 0;
}
