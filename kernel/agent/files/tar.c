#include "files/tar.h"
#include "base/text.h"
#include <stdbool.h>
#include <string.h>

enum { ustar_name = 100, most_octal_7 = 07777777 };
static const uint64_t most_octal_11 = 077777777777ull;

struct records {
  char *at;
  size_t size;
};

static size_t digits(size_t value) {
  size_t count = 1;
  for (; value >= 10; value /= 10)
    count++;
  return count;
}

/* "LENGTH key=value\n", the length counting itself. */
static void put_record(struct records *records, const char *key, const void *value, size_t size) {
  size_t rest = strlen(key) + size + 3, length = rest + digits(rest);
  if (digits(length) != digits(rest)) length = rest + digits(length);
  records->size += text_format(records->at + records->size, 64, "%u %s=", (unsigned)length, key);
  memcpy(records->at + records->size, value, size);
  records->size += size;
  records->at[records->size++] = '\n';
}

static void put_number(struct records *records, const char *key, uint64_t value, bool negative) {
  char text[24], *at = text + sizeof text;
  do
    *--at = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  if (negative) *--at = '-';
  put_record(records, key, at, (size_t)(text + sizeof text - at));
}

static bool fits(const char *text) {
  size_t length = strlen(text);
  if (length > ustar_name) return false;
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)text[i] >= 0x80) return false;
  return true;
}

static bool is_old(const struct tar_entry *entry) {
  return entry->modified < 0 || (uint64_t)entry->modified > most_octal_11;
}

static void put_records(struct records *records, const struct tar_entry *entry) {
  if (!fits(entry->name)) put_record(records, "path", entry->name, strlen(entry->name));
  if (!fits(entry->link)) put_record(records, "linkpath", entry->link, strlen(entry->link));
  if (entry->uid > most_octal_7) put_number(records, "uid", entry->uid, false);
  if (entry->gid > most_octal_7) put_number(records, "gid", entry->gid, false);
  if (entry->size > most_octal_11) put_number(records, "size", entry->size, false);
  if (is_old(entry)) {
    uint64_t value = (uint64_t)entry->modified;
    put_number(records, "mtime", entry->modified < 0 ? -value : value, entry->modified < 0);
  }
  if (entry->capability_size > 0)
    put_record(records, "SCHILY.xattr.security.capability", entry->capability, entry->capability_size);
}

static void put_octal(uint8_t *at, size_t width, uint64_t value) {
  at[width - 1] = '\0';
  for (size_t i = width - 1; i-- > 0; value >>= 3)
    at[i] = (uint8_t)('0' + (value & 7));
}

/* Offsets of pax(1), "ustar Header Block". */
static void put_block(uint8_t *to, const struct tar_entry *entry) {
  memset(to, 0, tar_block);
  memcpy(to, entry->name, strnlen(entry->name, ustar_name));
  put_octal(to + 100, 8, entry->mode & 07777);
  put_octal(to + 108, 8, entry->uid > most_octal_7 ? 0 : entry->uid);
  put_octal(to + 116, 8, entry->gid > most_octal_7 ? 0 : entry->gid);
  put_octal(to + 124, 12, entry->size > most_octal_11 ? 0 : entry->size);
  put_octal(to + 136, 12, is_old(entry) ? 0 : (uint64_t)entry->modified);
  memset(to + 148, ' ', 8);
  to[156] = (uint8_t)entry->type;
  memcpy(to + 157, entry->link, strnlen(entry->link, ustar_name));
  memcpy(to + 257, "ustar\00000", 8);
  put_octal(to + 329, 8, entry->major);
  put_octal(to + 337, 8, entry->minor);
  uint32_t sum = 0;
  for (int i = 0; i < tar_block; i++)
    sum += to[i];
  put_octal(to + 148, 7, sum);
}

size_t tar_header(const struct tar_entry *entry, uint8_t *to) {
  struct records records = {(char *)to + tar_block, 0};
  put_records(&records, entry);
  size_t size = 0;
  if (records.size > 0) {
    put_block(to,
              &(struct tar_entry){.name = "PaxHeaders.0", .link = "", .type = 'x', .mode = 0644, .size = records.size});
    size = (tar_block + records.size + tar_block - 1) / tar_block * tar_block;
    memset(to + tar_block + records.size, 0, size - tar_block - records.size);
  }
  put_block(to + size, entry);
  return size + tar_block;
}
