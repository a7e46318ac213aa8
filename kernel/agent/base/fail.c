#include "base/fail.h"
#include "base/text.h"

int fail(struct failure *failure, long error, const char *stage, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  text_format_list(failure->message, sizeof failure->message, format, arguments);
  va_end(arguments);
  failure->error = (int)(error < 0 ? -error : error);
  failure->stage = stage;
  return -1;
}
