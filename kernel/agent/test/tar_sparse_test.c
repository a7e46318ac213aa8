#include "files/tar_read.h"
#include "test.h"
#include <stdio.h>

static struct tar_reader reader;

/* A pax record with its own length in front. */
static int say(const char *key, const char *value) {
  char record[2048];
  int rest = (int)(strlen(key) + strlen(value)) + 3, length = rest;
  while (snprintf(record, sizeof record, "%d", length) + rest != length)
    length = snprintf(record, sizeof record, "%d", length) + rest;
  snprintf(record, sizeof record, "%d %s=%s\n", length, key, value);
  return tar_extend(&reader, 'x', (const uint8_t *)record, strlen(record));
}

static int read_file(uint64_t size, struct tar_entry *got) {
  uint8_t header[tar_header_max];
  tar_header(&(struct tar_entry){.name = "GNUSparseFile.1/f", .link = "", .type = '0', .size = size}, header);
  return tar_read(&reader, header, got);
}

static void begin(void) {
  memset(&reader, 0, sizeof reader);
}

TEST("a sparse file of each pax version is known with its name, size and pieces") {
  struct tar_entry got;
  begin();
  CHECK(say("GNU.sparse.size", "1000") == 0 && say("GNU.sparse.numblocks", "2") == 0);
  CHECK(say("GNU.sparse.offset", "10") == 0 && say("GNU.sparse.numbytes", "5") == 0);
  CHECK(say("GNU.sparse.offset", "900") == 0 && say("GNU.sparse.numbytes", "3") == 0);
  CHECK(read_file(8, &got) == 1 && got.sparse == 1 && got.size == 8 && sparse_size(&reader.sparse, 8) == 1000);
  CHECK(reader.sparse.count == 2 && reader.sparse.extents[1].offset == 900 && reader.sparse.extents[1].size == 3);
  begin();
  CHECK(say("GNU.sparse.name", "f") == 0 && say("GNU.sparse.size", "1000") == 0);
  CHECK(say("GNU.sparse.map", "10,5,900,3,1000,0") == 0);
  CHECK(read_file(8, &got) == 1 && got.sparse == 1 && reader.sparse.count == 2);
  CHECK_TEXT(got.name, "f");
  begin();
  CHECK(say("GNU.sparse.major", "1") == 0 && say("GNU.sparse.minor", "0") == 0);
  CHECK(say("GNU.sparse.name", "f") == 0 && say("GNU.sparse.realsize", "1000") == 0);
  CHECK(read_file(520, &got) == 1 && got.sparse == 2);
  CHECK(sparse_map(&reader.sparse, (const uint8_t *)"2\n10\n5\n9", 8) == 1);
  CHECK(sparse_map(&reader.sparse, (const uint8_t *)"00\n3\n\0\0\0", 8) == 0);
  CHECK(reader.sparse.count == 2 && reader.sparse.extents[1].offset == 900);
  CHECK(sparse_fits(&reader.sparse, 1000, 8) && !sparse_fits(&reader.sparse, 902, 8));
  CHECK(!sparse_fits(&reader.sparse, 1000, 9));
}

TEST("the next file is a plain one, and so is one of a version that nobody knows") {
  struct tar_entry got;
  begin();
  CHECK(say("GNU.sparse.size", "10") == 0 && say("GNU.sparse.map", "1,2") == 0);
  CHECK(read_file(2, &got) == 1 && got.sparse == 1);
  CHECK(read_file(2, &got) == 1 && got.sparse == 0);
  CHECK_TEXT(got.name, "GNUSparseFile.1/f");
  CHECK(say("GNU.sparse.major", "2") == 0 && say("GNU.sparse.minor", "0") == 0 && say("GNU.sparse.name", "x") == 0);
  CHECK(read_file(2, &got) == 1 && got.sparse == 0);
  CHECK_TEXT(got.name, "GNUSparseFile.1/f");
}

TEST("a map with pieces in disorder, beyond the end, of another size or of no numbers is refused") {
  static const char *const bad[] = {"5,3,4,1", "0,4,3,1", "1,x", "1", "1,", ",", "1,99999999999999999999", "-1,2"};
  struct tar_entry got;
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    begin();
    CHECK(say("GNU.sparse.map", bad[i]) < 0);
  }
  begin();
  CHECK(say("GNU.sparse.size", "10") == 0 && say("GNU.sparse.map", "9,2") == 0 && read_file(2, &got) < 0);
  begin();
  CHECK(say("GNU.sparse.size", "10") == 0 && say("GNU.sparse.map", "1,2") == 0 && read_file(3, &got) < 0);
  begin();
  CHECK(say("GNU.sparse.numbytes", "1") < 0);
  begin();
  CHECK(sparse_map(&reader.sparse, (const uint8_t *)"9999999\n", 8) < 0);
  begin();
  CHECK(sparse_map(&reader.sparse, (const uint8_t *)"1\n\n", 3) < 0);
}

TEST("more pieces than there is room for are refused") {
  begin();
  for (uint32_t i = 0; i < sparse_extents_max; i++) {
    char offset[16];
    snprintf(offset, sizeof offset, "%u", 2 * i);
    CHECK(say("GNU.sparse.offset", offset) == 0 && say("GNU.sparse.numbytes", "1") == 0);
  }
  CHECK(say("GNU.sparse.offset", "9999999") < 0);
}
