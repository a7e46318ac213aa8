#include "files/overlay.h"
#include "base/text.h"
#include "files/files.h"
#include "files/mountapi.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { options_max = 4096, lowers_max = 500 /* OVL_MAX_STACK */ };

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

static long mount_with(struct options *options, const char *upper, const char *work, const char *target) {
  if (*upper != '\0') {
    add(options, ",upperdir=", "");
    add(options, upper, "\\,");
    add(options, ",workdir=", "");
    add(options, work, "\\,");
    /* The disk lives and dies with the machine: there is nothing that fsync could save. */
    add(options, ",volatile", "");
  }
  if (options->length >= options_max) return -ENAMETOOLONG;
  options->text[options->length] = '\0';
  return mount_call("overlay", target, "overlay", 0, options->text);
}

/* overlayfs splits lowerdir at colons and all options at commas; a backslash protects either. */
static long attempt(const struct strings *lowers, const char *upper, const char *work, const char *target) {
  struct options options = {.length = 0};
  add(&options, "lowerdir=", "");
  for (uint32_t i = 0; i < lowers->count; i++) {
    if (i > 0) add(&options, ":", "");
    add(&options, lowers->at[i], "\\:,");
  }
  return mount_with(&options, upper, work, target);
}

/* mount(2) takes one page of options. Many or long names fit as numbers of open folders, as /proc/self/fd names them.
 */
static long attempt_by_number(const struct strings *lowers, const char *upper, const char *work, const char *target) {
  struct options options = {.length = 0};
  char number[16];
  int files[lowers_max];
  uint32_t opened = 0;
  if (lowers->count > lowers_max) return -E2BIG;
  long result = SYS(SYS_chdir, "/proc/self/fd");
  add(&options, "lowerdir=", "");
  for (; opened < lowers->count && result >= 0; opened++) {
    result = files[opened] = sys_open(AT_FDCWD, lowers->at[opened], O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    text_format(number, sizeof number, "%s%d", opened > 0 ? ":" : "", (int)result);
    add(&options, number, "");
  }
  if (result >= 0) result = mount_with(&options, upper, work, target);
  for (uint32_t i = 0; i < opened; i++)
    if (files[i] >= 0) sys_close(files[i]);
  SYS(SYS_chdir, "/");
  return result;
}

static long mount_overlay(const struct strings *lowers, const char *upper, const char *work, const char *target) {
  long result = attempt(lowers, upper, work, target);
  return result == -ENAMETOOLONG ? attempt_by_number(lowers, upper, work, target) : result;
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
  return result < 0 ? fail(failure, result, "storage", "mkdir %s: %E", path, -result) : 0;
}

/* Where the work directory cannot be made (no space is left), overlayfs mounts read-only and says so in the kernel's
 * log alone. */
static int refuse_read_only(const char *work, const char *target, struct failure *failure) {
  if (*work == '\0' || SYS(SYS_faccessat, AT_FDCWD, target, W_OK) != -EROFS) return 0;
  SYS(SYS_umount2, target, 2 | 8 /* MNT_DETACH | UMOUNT_NOFOLLOW */);
  return fail(failure, ENOSPC, "storage", "mkdir %s/work: %E", work, ENOSPC);
}

int overlay_mount(const struct strings *lowers, const char *upper, const char *work, const char *target,
                  struct failure *failure) {
  if (make(upper, failure) < 0 || make(work, failure) < 0 || make(target, failure) < 0) return -1;
  long result;
  if (lowers->count == 0) {
    result = mount_call(*upper != '\0' ? upper : target, target, NULL, MS_BIND | MS_REC, NULL);
  } else {
    result = mount_overlay(lowers, upper, work, target);
    if (result == -EINVAL && *work != '\0') {
      forget_volatile(work);
      result = mount_overlay(lowers, upper, work, target);
    }
  }
  if (result < 0) return fail(failure, result, "rootfs", "mount overlay on %s: %E", target, (int)-result);
  return lowers->count == 0 ? 0 : refuse_read_only(work, target, failure);
}
