#include "files/tar.h"
#include "test.h"
#include <stdlib.h>

static uint8_t header[tar_header_max];

static uint64_t octal(const uint8_t *at) {
  return strtoull((const char *)at, NULL, 8);
}

static bool sums_up(const uint8_t *block) {
  uint32_t sum = 0;
  for (int i = 0; i < tar_block; i++)
    sum += i >= 148 && i < 156 ? ' ' : block[i];
  return octal(block + 148) == sum;
}

TEST("a short plain entry is one ustar block with its numbers and a checksum") {
  struct tar_entry entry = {.name = "etc/passwd",
                            .link = "",
                            .type = '0',
                            .mode = 0100644,
                            .uid = 33,
                            .gid = 7,
                            .size = 1234,
                            .modified = 99};
  CHECK(tar_header(&entry, header) == tar_block);
  CHECK_TEXT((char *)header, "etc/passwd");
  CHECK(octal(header + 100) == 0644 && octal(header + 108) == 33 && octal(header + 116) == 7);
  CHECK(octal(header + 124) == 1234 && octal(header + 136) == 99 && header[156] == '0');
  CHECK(memcmp(header + 257, "ustar\00000", 8) == 0);
  CHECK(sums_up(header));
}

TEST("what ustar has no room for goes ahead as pax records that count their own length") {
  char name[tar_name_max];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  struct tar_entry entry = {
      .name = name, .link = name, .type = '1', .uid = 4000000, .size = 1ull << 40, .modified = -5};
  size_t size = tar_header(&entry, header);
  CHECK(size % tar_block == 0 && header[156] == 'x' && sums_up(header) && sums_up(header + size - tar_block));
  const char *at = (const char *)header + tar_block, *end = at + octal(header + 124);
  const char *const keys[] = {" path=nnn", " linkpath=nnn", " uid=4000000\n", " size=1099511627776\n", " mtime=-5\n"};
  for (int i = 0; i < 5; i++) {
    char *rest;
    size_t length = strtoul(at, &rest, 10);
    CHECK(strncmp(rest, keys[i], strlen(keys[i])) == 0 && at + length <= end && at[length - 1] == '\n');
    at += length;
  }
  CHECK(at == end);
}

TEST("a name with letters that ustar does not know is a pax record, too") {
  struct tar_entry entry = {.name = "\303\244", .link = "", .type = '0'};
  CHECK(tar_header(&entry, header) == 3 * tar_block);
  CHECK(memcmp(header + tar_block, "11 path=\303\244\n", 11) == 0);
}
