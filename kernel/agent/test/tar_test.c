#include "files/tar_read.h"
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

/* What was written is read: extensions first. */
static int read_back(struct tar_reader *reader, const struct tar_entry *entry, struct tar_entry *got) {
  size_t size = tar_header(entry, header), at = 0;
  memset(reader, 0, sizeof *reader);
  for (int kind; at < size; at += tar_block) {
    if ((kind = tar_read(reader, header + at, got)) != 2) return kind;
    at += tar_block;
    if (tar_extend(reader, got->type, header + at, got->size) < 0) return -1;
    at += (got->size + tar_block - 1) / tar_block * tar_block - tar_block;
  }
  return -1;
}

static struct tar_reader reader;

TEST("an entry that was written is read with the same values, long or short") {
  static char name[tar_name_max + 1];
  memset(name, 'n', tar_name_max);
  struct tar_entry got,
      entries[] = {
          {.name = "a", .link = "", .type = '0', .mode = 04755, .uid = 1, .gid = 2, .size = 3, .modified = 4},
          {.name = name, .link = name, .type = '1', .uid = 4000000, .gid = 5000000, .modified = -7},
          {.name = "big", .link = "", .type = '0', .size = 1ull << 40, .capability = "cap", .capability_size = 3},
          {.name = "c", .link = "", .type = '3', .major = 10, .minor = 229}};
  for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
    const struct tar_entry *e = &entries[i];
    CHECK(read_back(&reader, e, &got) == 1);
    CHECK(strcmp(got.name, e->name) == 0 && strcmp(got.link, e->link) == 0 && got.type == e->type);
    CHECK(got.mode == e->mode && got.uid == e->uid && got.gid == e->gid && got.size == e->size);
    CHECK(got.modified == e->modified && got.major == e->major && got.minor == e->minor);
    size_t at = 0;
    struct tar_attribute attribute;
    CHECK(tar_attribute(&got, &at, &attribute) == (e->capability_size > 0));
    if (e->capability_size > 0)
      CHECK(strcmp(attribute.name, "security.capability") == 0 && attribute.size == 3 &&
            memcmp(attribute.value, "cap", 3) == 0 && !tar_attribute(&got, &at, &attribute));
  }
}

TEST("what an extension says goes with one entry only") {
  struct tar_entry got;
  memset(&reader, 0, sizeof reader);
  CHECK(tar_extend(&reader, 'x', (const uint8_t *)"18 path=elsewhere\n", 18) == 0);
  tar_header(&(struct tar_entry){.name = "short", .link = "", .type = '0'}, header);
  CHECK(tar_read(&reader, header, &got) == 1);
  CHECK_TEXT(got.name, "elsewhere");
  CHECK(tar_read(&reader, header, &got) == 1);
  CHECK_TEXT(got.name, "short");
}

TEST("a damaged header and damaged records are refused, a block of zeros is the end") {
  struct tar_entry got;
  memset(&reader, 0, sizeof reader);
  tar_header(&(struct tar_entry){.name = "a", .link = "", .type = '0'}, header);
  header[0] = 'b';
  CHECK(tar_read(&reader, header, &got) < 0);
  memset(header, 0, tar_block);
  CHECK(tar_read(&reader, header, &got) == 0);
  const char *const bad[] = {"8 path=a\n", "99 path=a\n",     "x",          "10 path=ab",
                             "8 patha\n",  "13 uid=-12345\n", "10 uid=1x\n"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CHECK(tar_extend(&reader, 'x', (const uint8_t *)bad[i], strlen(bad[i])) < 0);
}
