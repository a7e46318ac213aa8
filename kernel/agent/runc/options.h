/* Options of a command: what precedes its first word that is none. */
#pragma once
#include <stdbool.h>

struct runc_options {
  const char *bundle, *pid_file, *console_socket, *process, *cwd, *user, *format;
  bool detach, keep, force, all, quiet, tty, help;
  const char *env[64]; /* of exec */
  int env_count;
};

/* Which of them a command has, by their first letters as in "bdkp". */
struct runc_option {
  const char *name; /* "bundle" */
  char letter; /* 0: none */
  char kind; /* 's' a string, 'b' a flag, 'e' one more variable, 'i' taken and of no effect */
  int offset; /* in struct runc_options */
};

/* The index of the first word that is no option, or -1 after it was said what is wrong. */
int runc_options_read(int argc, char **argv, const struct runc_option *known, struct runc_options *options);
