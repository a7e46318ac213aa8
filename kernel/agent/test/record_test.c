#include "test.h"
#include "wire/protocol.h"
#include "wire/spec.h"
#include <stdlib.h>

static uint8_t buffer[4096];
static struct writer start(void) {
  return (struct writer){buffer, buffer, buffer + sizeof buffer, false};
}
static struct bytes written(const struct writer *writer) {
  return (struct bytes){writer->start, writer_size(writer)};
}

TEST("a record that was written decodes to the same values") {
  struct writer writer = start();
  struct arena arena = {0};
  struct container_spec spec;
  write_string(&writer, DD_TAG_CONTAINER_SPEC_ID, "abc");
  write_string(&writer, DD_TAG_CONTAINER_SPEC_LOWERS, "/one");
  write_string(&writer, DD_TAG_CONTAINER_SPEC_LOWERS, "/two");
  write_u32(&writer, DD_TAG_CONTAINER_SPEC_READONLY_ROOT, 1);
  uint8_t *mount = write_begin(&writer, DD_TAG_CONTAINER_SPEC_MOUNTS);
  write_string(&writer, DD_TAG_MOUNT_TARGET, "/proc");
  write_u32(&writer, DD_TAG_MOUNT_FLAGS, 14);
  write_finish(&writer, mount);
  uint8_t *process = write_begin(&writer, DD_TAG_CONTAINER_SPEC_PROCESS);
  write_string(&writer, DD_TAG_PROCESS_ARGS, "sh");
  write_string(&writer, DD_TAG_PROCESS_ARGS, "");
  write_u64(&writer, DD_TAG_PROCESS_CAPABILITIES, 0xa80425fb00000001ull);
  write_bytes(&writer, DD_TAG_PROCESS_SECCOMP, "\0\1\2\3\4\5\6\7", 8);
  write_finish(&writer, process);
  CHECK(record_decode(&container_shape, written(&writer), &arena, &spec) == 0);
  CHECK_TEXT(spec.id, "abc");
  CHECK(spec.lowers.count == 2 && spec.lowers.at[2] == NULL);
  CHECK_TEXT(spec.lowers.at[1], "/two");
  CHECK(spec.readonly_root == 1 && spec.mounts.count == 1);
  const struct mount_spec *decoded = spec.mounts.at;
  CHECK(decoded->flags == 14 && strcmp(decoded->target, "/proc") == 0 && strcmp(decoded->source, "") == 0);
  CHECK(spec.process.args.count == 2 && spec.process.args.at[2] == NULL && *spec.process.args.at[1] == '\0');
  CHECK(spec.process.capabilities == 0xa80425fb00000001ull);
  CHECK(spec.process.seccomp.size == 8 && spec.process.seccomp.at[7] == 7);
  arena_free(&arena);
}

TEST("absent fields decode to zero, empty strings and empty lists, nested records too") {
  struct arena arena = {0};
  struct container_spec spec;
  CHECK(record_decode(&container_shape, (struct bytes){0}, &arena, &spec) == 0);
  CHECK_TEXT(spec.hostname, "");
  CHECK_TEXT(spec.process.user, "");
  CHECK(spec.mounts.count == 0 && spec.process.args.count == 0 && spec.process.args.at[0] == NULL);
  arena_free(&arena);
}

TEST("unknown tags are skipped") {
  struct writer writer = start();
  struct arena arena = {0};
  struct signal_spec spec;
  write_string(&writer, 999, "later");
  write_u32(&writer, DD_TAG_SIGNAL_SPEC_SIGNAL, 9);
  CHECK(record_decode(&signal_shape, written(&writer), &arena, &spec) == 0 && spec.signal == 9);
  arena_free(&arena);
}

TEST("a cut field, a number of the wrong size and a NUL in a string are refused") {
  struct arena arena = {0};
  struct signal_spec spec;
  struct writer writer = start();
  write_u32(&writer, DD_TAG_SIGNAL_SPEC_SIGNAL, 9);
  for (uint32_t size = 1; size < writer_size(&writer); size++)
    CHECK(record_decode(&signal_shape, (struct bytes){buffer, size}, &arena, &spec) < 0);
  writer = start();
  write_bytes(&writer, DD_TAG_SIGNAL_SPEC_SIGNAL, "12345", 5);
  CHECK(record_decode(&signal_shape, written(&writer), &arena, &spec) < 0);
  writer = start();
  write_bytes(&writer, DD_TAG_SIGNAL_SPEC_CONTAINER, "a\0b", 3);
  CHECK(record_decode(&signal_shape, written(&writer), &arena, &spec) < 0);
  arena_free(&arena);
}

TEST("a single record that comes twice is refused") {
  struct arena arena = {0};
  struct exec_spec spec;
  struct writer writer = start();
  write_bytes(&writer, DD_TAG_EXEC_SPEC_PROCESS, "", 0);
  write_bytes(&writer, DD_TAG_EXEC_SPEC_PROCESS, "", 0);
  CHECK(record_decode(&exec_shape, written(&writer), &arena, &spec) < 0);
  arena_free(&arena);
}

TEST("a writer without room says so and writes nothing past its end") {
  uint8_t small[13] = {0};
  struct writer writer = {small, small, small + 12, false};
  write_u32(&writer, 1, 7);
  CHECK(!writer.full && writer_size(&writer) == 12);
  write_string(&writer, 2, "");
  CHECK(writer.full && small[12] == 0);
}

TEST("an arena gives zeroed memory of any size and strings with their NUL") {
  struct arena arena = {0};
  uint8_t *large = arena_take(&arena, 100000);
  CHECK(large != NULL && large[0] == 0 && large[99999] == 0);
  for (int i = 0; i < 2000; i++)
    CHECK_TEXT(arena_string(&arena, "abcdefghij", 10), "abcdefghij");
  arena_free(&arena);
  CHECK(arena.blocks == NULL);
}
