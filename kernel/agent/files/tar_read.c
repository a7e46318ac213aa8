#include "files/tar_read.h"
#include <errno.h>
#include <string.h>

enum { sum_at = 148, type_at = 156, link_at = 157, magic_at = 257, prefix_at = 345 };

/* Octal digits between blanks, or GNU's: the first bit set, and a number in base 256. */
static bool number(const uint8_t *at, size_t width, uint64_t *value) {
  *value = 0;
  if ((at[0] & 0x80) != 0) {
    for (size_t i = 0; i < width; i++) {
      if (*value >> 55 != 0) return false;
      *value = *value << 8 | (i == 0 ? at[0] & 0x7f : at[i]);
    }
    return true;
  }
  size_t i = 0;
  while (i < width && at[i] == ' ')
    i++;
  for (; i < width && at[i] >= '0' && at[i] <= '7'; i++)
    *value = *value << 3 | (uint64_t)(at[i] - '0');
  return i == width || at[i] == '\0' || at[i] == ' ';
}

static bool sums_up(const uint8_t *block) {
  uint64_t said, sum = 0;
  for (int i = 0; i < tar_block; i++)
    sum += i >= sum_at && i < sum_at + 8 ? ' ' : block[i];
  return number(block + sum_at, 8, &said) && said == sum;
}

static bool is_zero(const uint8_t *block) {
  for (int i = 0; i < tar_block; i++)
    if (block[i] != 0) return false;
  return true;
}

static size_t put_text(char *to, const uint8_t *from, size_t width) {
  size_t length = strnlen((const char *)from, width);
  memcpy(to, from, length);
  to[length] = '\0';
  return length;
}

static void put_name(struct tar_reader *reader, const uint8_t *block) {
  size_t length = 0;
  if (memcmp(block + magic_at, "ustar", 6) == 0 && block[prefix_at] != '\0') {
    length = put_text(reader->name, block + prefix_at, 155);
    reader->name[length++] = '/';
  }
  put_text(reader->name + length, block, 100);
}

static bool put_numbers(struct tar_reader *reader, const uint8_t *block, struct tar_entry *entry) {
  uint64_t mode, uid, gid, size, modified, major = 0, minor = 0;
  if (!number(block + 100, 8, &mode) || !number(block + 108, 8, &uid) || !number(block + 116, 8, &gid)) return false;
  if (!number(block + 124, 12, &size) || !number(block + 136, 12, &modified)) return false;
  if ((entry->type == '3' || entry->type == '4') &&
      (!number(block + 329, 8, &major) || !number(block + 337, 8, &minor)))
    return false;
  entry->mode = (uint32_t)mode & 07777;
  entry->uid = reader->has_uid ? reader->uid : (uint32_t)uid;
  entry->gid = reader->has_gid ? reader->gid : (uint32_t)gid;
  entry->size = reader->has_size ? reader->size : size;
  entry->modified = reader->has_modified ? reader->modified : (int64_t)modified;
  entry->major = (uint32_t)major;
  entry->minor = (uint32_t)minor;
  return entry->size >> 62 == 0;
}

static bool is_extension(char type) {
  return type == 'x' || type == 'g' || type == 'L' || type == 'K';
}

int tar_read(struct tar_reader *reader, const uint8_t block[tar_block], struct tar_entry *entry) {
  if (is_zero(block)) return 0;
  if (!sums_up(block)) return -EINVAL;
  if (reader->is_read) sparse_reset(&reader->sparse);
  reader->is_read = false;
  char type = (char)block[type_at];
  *entry =
      (struct tar_entry){.name = reader->name, .link = reader->link, .type = type == '\0' || type == '7' ? '0' : type};
  if (is_extension(type)) {
    uint64_t size;
    if (!number(block + 124, 12, &size) || size > tar_extension_max) return -EINVAL;
    entry->size = size;
    return 2;
  }
  if (!put_numbers(reader, block, entry)) return -EINVAL;
  entry->sparse = entry->type == '0' ? sparse_kind(&reader->sparse, entry->size) : 0;
  if (entry->sparse < 0) return -EINVAL;
  if (entry->sparse > 0 && reader->has_real_name)
    memcpy(reader->name, reader->real_name, sizeof reader->name);
  else if (!reader->has_name)
    put_name(reader, block);
  if (!reader->has_link) put_text(reader->link, block + link_at, 100);
  entry->attributes = reader->attributes;
  entry->attributes_size = reader->attributes_size;
  /* Old archives name a folder by its slash alone. */
  size_t length = strlen(reader->name);
  if (entry->type == '0' && length > 0 && reader->name[length - 1] == '/') entry->type = '5';
  if (entry->type != '0') entry->size = 0, entry->sparse = 0;
  reader->is_read = true;
  reader->has_name = reader->has_real_name = reader->has_link = reader->has_size = reader->has_uid = reader->has_gid =
      false;
  reader->has_modified = false;
  reader->attributes_size = 0;
  return 1;
}

static bool take_text(char *to, const uint8_t *from, size_t size) {
  if (size > tar_name_max || memchr(from, '\0', size) != NULL) return false;
  memcpy(to, from, size);
  to[size] = '\0';
  return true;
}

/* A fraction is dropped. */
static bool take_number(const uint8_t *from, size_t size, int64_t *value) {
  bool negative = size > 0 && *from == '-';
  size_t i = negative ? 1 : 0;
  uint64_t number = 0;
  if (i == size) return false;
  for (; i < size && from[i] >= '0' && from[i] <= '9'; i++) {
    if (number >> 58 != 0) return false;
    number = number * 10 + (uint64_t)(from[i] - '0');
  }
  *value = negative ? -(int64_t)number : (int64_t)number;
  return i == size || from[i] == '.';
}

static bool take_id(const uint8_t *from, size_t size, uint32_t *id) {
  int64_t value;
  if (!take_number(from, size, &value) || value < 0 || value > UINT32_MAX - 1) return false;
  *id = (uint32_t)value;
  return true;
}

static bool is_key(const uint8_t *key, size_t size, const char *name) {
  return size == strlen(name) && memcmp(key, name, size) == 0;
}

static const char attribute_prefix[] = "SCHILY.xattr.";

/* In the reader: the length of the name with its NUL, that of the value, name, value. */
static bool take_attribute(struct tar_reader *reader, const uint8_t *name, size_t name_size, const uint8_t *value,
                           size_t size) {
  uint32_t lengths[2] = {(uint32_t)name_size + 1, (uint32_t)size};
  if (memchr(name, '\0', name_size) != NULL) return false;
  if (reader->attributes_size + sizeof lengths + lengths[0] + size > tar_attributes_max) return false;
  uint8_t *at = reader->attributes + reader->attributes_size;
  memcpy(at, lengths, sizeof lengths);
  memcpy(at + sizeof lengths, name, name_size);
  at[sizeof lengths + name_size] = '\0';
  memcpy(at + sizeof lengths + lengths[0], value, size);
  reader->attributes_size += sizeof lengths + lengths[0] + size;
  return true;
}

bool tar_attribute(const struct tar_entry *entry, size_t *at, struct tar_attribute *found) {
  uint32_t lengths[2];
  if (*at >= entry->attributes_size) return false;
  memcpy(lengths, entry->attributes + *at, sizeof lengths);
  *at += sizeof lengths;
  *found =
      (struct tar_attribute){(const char *)entry->attributes + *at, entry->attributes + *at + lengths[0], lengths[1]};
  *at += lengths[0] + lengths[1];
  return true;
}

static bool take_record(struct tar_reader *reader, const uint8_t *key, size_t key_size, const uint8_t *value,
                        size_t size) {
  int64_t number;
  if (is_key(key, key_size, "path")) return reader->has_name = take_text(reader->name, value, size);
  if (is_key(key, key_size, "GNU.sparse.name"))
    return reader->has_real_name = take_text(reader->real_name, value, size);
  if (is_key(key, key_size, "linkpath")) return reader->has_link = take_text(reader->link, value, size);
  if (is_key(key, key_size, "uid")) return reader->has_uid = take_id(value, size, &reader->uid);
  if (is_key(key, key_size, "gid")) return reader->has_gid = take_id(value, size, &reader->gid);
  if (is_key(key, key_size, "mtime")) return reader->has_modified = take_number(value, size, &reader->modified);
  if (is_key(key, key_size, "size")) {
    reader->has_size = take_number(value, size, &number) && number >= 0;
    reader->size = (uint64_t)number;
    return reader->has_size;
  }
  if (key_size > sizeof attribute_prefix - 1 && memcmp(key, attribute_prefix, sizeof attribute_prefix - 1) == 0)
    return take_attribute(reader, key + sizeof attribute_prefix - 1, key_size - (sizeof attribute_prefix - 1), value,
                          size);
  return sparse_record(&reader->sparse, key, key_size, value, size) >= 0;
}

/* "LENGTH key=value\n", the length counting itself. */
static int take_records(struct tar_reader *reader, const uint8_t *at, size_t left) {
  while (left > 0) {
    size_t length = 0, digits = 0;
    for (; digits < left && at[digits] >= '0' && at[digits] <= '9' && length <= tar_extension_max; digits++)
      length = length * 10 + (size_t)(at[digits] - '0');
    if (digits == left || at[digits] != ' ' || length > left || length < digits + 3 || at[length - 1] != '\n')
      return -EINVAL;
    const uint8_t *key = at + digits + 1, *end = at + length - 1;
    const uint8_t *equals = memchr(key, '=', (size_t)(end - key));
    if (equals == NULL || !take_record(reader, key, (size_t)(equals - key), equals + 1, (size_t)(end - equals - 1)))
      return -EINVAL;
    at += length;
    left -= length;
  }
  return 0;
}

int tar_extend(struct tar_reader *reader, char type, const uint8_t *from, size_t size) {
  if (type == 'g') return 0; /* git writes its commit there */
  if (type == 'x') return take_records(reader, from, size);
  size_t length = strnlen((const char *)from, size);
  if (type == 'L') return (reader->has_name = take_text(reader->name, from, length)) ? 0 : -EINVAL;
  return (reader->has_link = take_text(reader->link, from, length)) ? 0 : -EINVAL;
}
