#include "base/text.h"
#include <errno.h>
#include <string.h>

struct sink {
  char *at, *end;
};

static void put(struct sink *sink, char c) {
  if (sink->at < sink->end) *sink->at++ = c;
}

static void put_string(struct sink *sink, const char *text) {
  while (*text != '\0')
    put(sink, *text++);
}

static void put_number(struct sink *sink, unsigned long value, unsigned base) {
  char digits[24];
  size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  while (count > 0)
    put(sink, digits[--count]);
}

static void put_signed(struct sink *sink, long value) {
  if (value < 0) put(sink, '-');
  put_number(sink, value < 0 ? 0ul - (unsigned long)value : (unsigned long)value, 10);
}

size_t text_format_list(char *to, size_t room, const char *format, va_list arguments) {
  if (room == 0) return 0;
  struct sink sink = {to, to + room - 1};
  char scratch[24];
  for (; *format != '\0'; format++) {
    if (*format != '%') {
      put(&sink, *format);
      continue;
    }
    switch (*++format) {
    case 's':
      put_string(&sink, va_arg(arguments, const char *));
      break;
    case 'd':
      put_signed(&sink, va_arg(arguments, int));
      break;
    case 'u':
      put_number(&sink, va_arg(arguments, unsigned), 10);
      break;
    case 'x':
      put_number(&sink, va_arg(arguments, unsigned), 16);
      break;
    case 'o':
      put_number(&sink, va_arg(arguments, unsigned), 8);
      break;
    case 'E':
      put_string(&sink, text_error(va_arg(arguments, int), scratch));
      break;
    default:
      put(&sink, *format);
      break;
    }
  }
  *sink.at = '\0';
  return (size_t)(sink.at - to);
}

size_t text_format(char *to, size_t room, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  size_t length = text_format_list(to, room, format, arguments);
  va_end(arguments);
  return length;
}

bool text_number(const char *text, uint64_t limit, uint64_t *number) {
  uint64_t value = 0;
  if (*text == '\0') return false;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return false;
    if (value > (UINT64_MAX - 9) / 10) return false;
    value = value * 10 + (uint64_t)(*text - '0');
  }
  if (value > limit) return false;
  *number = value;
  return true;
}

const char *text_error(int error, char buffer[24]) {
  switch (error) {
  case EPERM:
    return "operation not permitted";
  case ENOENT:
    return "no such file or directory";
  case ESRCH:
    return "no such process";
  case EIO:
    return "input/output error";
  case ENXIO:
    return "no such device or address";
  case E2BIG:
    return "argument list too long";
  case ENOEXEC:
    return "exec format error";
  case EBADF:
    return "bad file descriptor";
  case EAGAIN:
    return "resource temporarily unavailable";
  case ENOMEM:
    return "cannot allocate memory";
  case EACCES:
    return "permission denied";
  case EBUSY:
    return "device or resource busy";
  case EEXIST:
    return "file exists";
  case ENODEV:
    return "no such device";
  case ENOTDIR:
    return "not a directory";
  case EISDIR:
    return "is a directory";
  case EINVAL:
    return "invalid argument";
  case EMFILE:
    return "too many open files";
  case ETXTBSY:
    return "text file busy";
  case ENOSPC:
    return "no space left on device";
  case EROFS:
    return "read-only file system";
  case EPIPE:
    return "broken pipe";
  case ERANGE:
    return "numerical result out of range";
  case ENAMETOOLONG:
    return "file name too long";
  case ENOSYS:
    return "function not implemented";
  case ELOOP:
    return "too many levels of symbolic links";
  case ENOTEMPTY:
    return "directory not empty";
  case EOPNOTSUPP:
    return "operation not supported";
  case EADDRINUSE:
    return "address already in use";
  case ECONNREFUSED:
    return "connection refused";
  default:
    text_format(buffer, 24, "errno %d", error);
    return buffer;
  }
}

bool text_starts(const char *text, const char *prefix) {
  return strncmp(text, prefix, strlen(prefix)) == 0;
}
