/* libFuzzer target: any bytes as the stream of frames, cut anywhere, and any payload as each of the records. Nothing
 * may be read or written out of bounds, and what was allocated must be given back. */
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
  uint32_t step = data[0] + 1u;
  for (size_t at = 1; at < size; at += step) {
    uint32_t part = size - at < step ? (uint32_t)(size - at) : step;
    if (frame_parse(&parser, (struct bytes){data + at, part}, handle, NULL, &failure) < 0) return 0;
  }
  return 0;
}
