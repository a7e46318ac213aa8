#include "runc/say.h"
#include "base/sys.h"
#include "base/text.h"
#include "runc/json.h"
#include <stdarg.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { room = 8192 };

static void write_bytes_to(int file, const char *from, size_t size) {
  while (size > 0) {
    long written = sys_write(file, from, size);
    if (written <= 0) return;
    from += written;
    size -= (size_t)written;
  }
}

void print_bytes(const char *from, size_t size) {
  write_bytes_to(1, from, size);
}

void print(const char *format, ...) {
  char text[room];
  va_list arguments;
  va_start(arguments, format);
  write_bytes_to(1, text, text_format_list(text, sizeof text, format, arguments));
  va_end(arguments);
}

void say_plain(const char *format, ...) {
  char text[room];
  va_list arguments;
  va_start(arguments, format);
  write_bytes_to(2, text, text_format_list(text, sizeof text, format, arguments));
  va_end(arguments);
}

static void digits(char *to, unsigned value, int count) {
  while (count-- > 0) {
    to[count] = (char)('0' + value % 10);
    value /= 10;
  }
}

void say_time(char to[40], int fine) {
  struct timespec now;
  struct tm parts;
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &parts);
  memcpy(to, "0000-00-00T00:00:00", 20);
  digits(to, (unsigned)parts.tm_year + 1900, 4);
  digits(to + 5, (unsigned)parts.tm_mon + 1, 2);
  digits(to + 8, (unsigned)parts.tm_mday, 2);
  digits(to + 11, (unsigned)parts.tm_hour, 2);
  digits(to + 14, (unsigned)parts.tm_min, 2);
  digits(to + 17, (unsigned)parts.tm_sec, 2);
  size_t end = 19;
  if (fine && now.tv_nsec != 0) {
    to[end++] = '.';
    digits(to + end, (unsigned)now.tv_nsec, 9);
    for (end += 9; to[end - 1] == '0'; end--)
      continue;
  }
  memcpy(to + end, "Z", 2);
}

void say_error(const char *format, ...) {
  char text[2048], quoted[4096], now[40];
  va_list arguments;
  va_start(arguments, format);
  text_format_list(text, sizeof text, format, arguments);
  va_end(arguments);
  if (isatty(2)) {
    say_plain("\033[31mERRO\033[0m[0000] %s\n", text);
    return;
  }
  json_quote(quoted, sizeof quoted, text);
  say_time(now, 0);
  say_plain("time=\"%s\" level=error msg=%s\n", now, quoted);
}
