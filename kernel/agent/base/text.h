/* Small text: formatting without stdio, numbers, names of errors. Nothing here allocates or touches errno. */
#pragma once
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Formats %s %d %u %x %o %% and %E (an errno as Go and Docker word it) into `to`, cut to `room` with its NUL. Returns
 * the length kept. */
size_t text_format(char *to, size_t room, const char *format, ...) __attribute__((nonnull(1, 3)));
size_t text_format_list(char *to, size_t room, const char *format, va_list arguments);
/* The whole of `text` as a decimal number up to `limit`. */
bool text_number(const char *text, uint64_t limit, uint64_t *number);
/* "no such file or directory" for ENOENT; "errno N" for rare ones, put into a buffer of the caller's. */
const char *text_error(int error, char buffer[24]);
bool text_starts(const char *text, const char *prefix);
