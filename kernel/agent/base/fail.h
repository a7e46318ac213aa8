/* The error contract. A function that can fail takes a `struct failure *` and returns a negative number after filling
 * it; on success it leaves it untouched. `stage` is a fixed word a program may branch on, `message` names the operand
 * and is for people. */
#pragma once
#include <stddef.h>

struct failure {
  int error;
  const char *stage;
  char message[512];
};

/* Fills `failure` and returns -1. `error` may be negative, as system calls return it. `format` is text_format's. */
int fail(struct failure *failure, long error, const char *stage, const char *format, ...);
