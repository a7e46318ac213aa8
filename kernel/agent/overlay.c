#include "overlay.h"
#include "files.h"
#include "mountapi.h"
#include "text.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { options_max = 4096 };

struct options {
  char text[options_max];
  size_t length;
};

static void add(struct options *options, const char *text, const char *escaped) {
  for (; *text != '\0' && options->length < options_max; text++) {
    if (strchr(escaped, *text) != NULL && options->length < options_max) options->text[options->length++] = '\\';
    if (options->length < options_max) options->text[options->length++] = *text;
  }
}

/* overlayfs splits lowerdir at colons and all options at commas; a backslash protects either. */
static void add_paths(struct options *options, const struct strings *lowers, size_t skip) {
  add(options, "lowerdir=", "");
  for (uint32_t i = 0; i < lowers->count; i++) {
    if (i > 0) add(options, ":", "");
    add(options, lowers->at[i] + skip, "\\:,");
  }
}

/* The length of the folder that all lowers share, with its slash. */
static size_t common_folder(const struct strings *lowers) {
  size_t common = strlen(lowers->at[0]);
  for (uint32_t i = 1; i < lowers->count; i++) {
    size_t same = 0;
    while (same < common && lowers->at[0][same] == lowers->at[i][same])
      same++;
    common = same;
  }
  while (common > 0 && lowers->at[0][common - 1] != '/')
    common--;
  return common;
}

static long attempt(const struct strings *lowers, const char *upper, const char *work, const char *target,
                    size_t skip) {
  struct options options = {.length = 0};
  add_paths(&options, lowers, skip);
  if (*upper != '\0') {
    add(&options, ",upperdir=", "");
    add(&options, upper, "\\,");
    add(&options, ",workdir=", "");
    add(&options, work, "\\,");
    /* The disk lives and dies with the machine: there is nothing that fsync could save. */
    add(&options, ",volatile", "");
  }
  if (options.length >= options_max) return -ENAMETOOLONG;
  options.text[options.length] = '\0';
  return mount_call("overlay", target, "overlay", 0, options.text);
}

/* mount(2) takes one page of options: many long names fit only relative to their common folder. */
static long attempt_relative(const struct strings *lowers, const char *upper, const char *work, const char *target) {
  char folder[files_path_max];
  size_t common = common_folder(lowers);
  if (common == 0 || common >= sizeof folder) return -ENAMETOOLONG;
  memcpy(folder, lowers->at[0], common);
  folder[common] = '\0';
  long result = SYS(SYS_chdir, folder);
  return result < 0 ? result : attempt(lowers, upper, work, target, common);
}

/* A volatile overlay leaves a mark by which the next mount of the same upper directory is refused. */
static void forget_volatile(const char *work) {
  char mark[files_path_max];
  text_format(mark, sizeof mark, "%s/work/incompat", work);
  files_remove_tree(AT_FDCWD, mark);
}

static int make(const char *path, struct failure *failure) {
  if (*path == '\0') return 0;
  int result = files_make_directory(AT_FDCWD, path, 0755);
  return result < 0 ? fail(failure, result, "rootfs", "mkdir %s: %E", path, -result) : 0;
}

int overlay_mount(const struct strings *lowers, const char *upper, const char *work, const char *target,
                  struct failure *failure) {
  if (make(upper, failure) < 0 || make(work, failure) < 0 || make(target, failure) < 0) return -1;
  long result;
  if (lowers->count == 0) {
    result = mount_call(*upper != '\0' ? upper : target, target, NULL, MS_BIND | MS_REC, NULL);
  } else {
    result = attempt(lowers, upper, work, target, 0);
    if (result == -EINVAL && *work != '\0') {
      forget_volatile(work);
      result = attempt(lowers, upper, work, target, 0);
    }
    if (result == -ENAMETOOLONG) result = attempt_relative(lowers, upper, work, target);
  }
  return result < 0 ? fail(failure, result, "rootfs", "mount overlay on %s: %E", target, (int)-result) : 0;
}
