#include "idle/spare_folders.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { kept_max = 6, no_replace = 1 /* RENAME_NOREPLACE */ };

static const char *const parts[] = {"diff", "work", "merged"};
enum { part_count = sizeof parts / sizeof parts[0] };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *kept[kept_max];
static unsigned kept_count;
static char *shelf; /* where containers have their folders; known since the first one */

static bool is_part(const char *path, const char *home, size_t length, const char *part) {
  return strncmp(path, home, length) == 0 && path[length] == '/' && strcmp(path + length + 1, part) == 0;
}

/* The idle thread makes more where the first container had its own. */
static void learn_shelf(const char *home) {
  const char *slash = strrchr(home, '/');
  if (shelf == NULL && slash != NULL) shelf = strndup(home, (size_t)(slash - home));
}

static char *take_one(const char *home) {
  pthread_mutex_lock(&lock);
  learn_shelf(home);
  char *ready = kept_count > 0 ? kept[--kept_count] : NULL;
  pthread_mutex_unlock(&lock);
  return ready;
}

/* False: it is the caller's. */
static bool put_one(char *path) {
  pthread_mutex_lock(&lock);
  bool room = kept_count < kept_max;
  if (room) kept[kept_count++] = path;
  pthread_mutex_unlock(&lock);
  return room;
}

void spare_folders_take(const char *upper, const char *work, const char *merged) {
  char home[files_path_max];
  const char *slash = strrchr(upper, '/');
  size_t length = slash == NULL ? 0 : (size_t)(slash - upper);
  if (length == 0 || length >= sizeof home) return;
  memcpy(home, upper, length);
  home[length] = '\0';
  if (!is_part(upper, home, length, parts[0]) || !is_part(work, home, length, parts[1]) ||
      !is_part(merged, home, length, parts[2]))
    return;
  char *ready = take_one(home);
  if (ready == NULL) return;
  long result = SYS(SYS_renameat2, AT_FDCWD, ready, AT_FDCWD, home, no_replace);
  /* A container that was started before has its folder. */
  if (result == -EEXIST && put_one(ready)) return;
  free(ready);
  /* What a container sees of it are the times of its root. */
  if (result == 0) SYS(SYS_utimensat, AT_FDCWD, upper, NULL, 0);
}

/* --- ahead of containers --- */

static bool make(const char *home) {
  char path[files_path_max];
  for (int i = 0; i < part_count; i++) {
    text_format(path, sizeof path, "%s/%s", home, parts[i]);
    if (files_make_directory(AT_FDCWD, path, 0755) < 0) return false;
  }
  return true;
}

bool spare_folders_make_one(void) {
  static unsigned number;
  char path[files_path_max];
  pthread_mutex_lock(&lock);
  bool wanted = shelf != NULL && kept_count < kept_max;
  if (wanted) text_format(path, sizeof path, "%s/.ready-%u", shelf, ++number);
  pthread_mutex_unlock(&lock);
  if (!wanted || !make(path)) return false;
  char *copy = strdup(path);
  if (copy != NULL && put_one(copy)) return true;
  free(copy);
  files_remove_tree(AT_FDCWD, path);
  return false;
}
