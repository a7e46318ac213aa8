#include "runc/options.h"
#include "runc/say.h"
#include <string.h>

/* "--name", "-n", "--name=value" of one of `known`; what follows "=", or NULL. */
static const struct runc_option *find(const struct runc_option *known, const char *word, const char **value) {
  const char *name = word + (word[1] == '-' ? 2 : 1);
  size_t length = strcspn(name, "=");
  *value = name[length] == '=' ? name + length + 1 : NULL;
  for (; known->name != NULL; known++) {
    if (strlen(known->name) == length && strncmp(known->name, name, length) == 0) return known;
    if (length == 1 && known->letter == *name) return known;
  }
  return NULL;
}

int runc_options_read(int argc, char **argv, const struct runc_option *known, struct runc_options *options) {
  int at = 0;
  for (; at < argc && argv[at][0] == '-' && argv[at][1] != '\0'; at++) {
    const char *value;
    if (strcmp(argv[at], "--") == 0) return at + 1;
    if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
      options->help = true;
      continue;
    }
    const struct runc_option *option = find(known, argv[at], &value);
    if (option == NULL) {
      say_plain("Incorrect Usage: flag provided but not defined: -%s\n", argv[at] + (argv[at][1] == '-' ? 2 : 1));
      say_error("flag provided but not defined: -%s", argv[at] + (argv[at][1] == '-' ? 2 : 1));
      return -1;
    }
    void *to = (char *)options + option->offset;
    if (option->kind == 'b') *(bool *)to = value == NULL || strcmp(value, "false") != 0;
    if (option->kind == 'b' || option->kind == 'i') continue;
    if (value == NULL && at + 1 >= argc) {
      say_error("flag needs an argument: -%s", option->name);
      return -1;
    }
    if (value == NULL) value = argv[++at];
    if (option->kind == 's') *(const char **)to = value;
    if (option->kind == 'e' && options->env_count < 64) options->env[options->env_count++] = value;
  }
  return at;
}
