#include "idle/spare_overlay.h"
#include "base/arena.h"
#include "base/sys.h"
#include "base/text.h"
#include "base/thread.h"
#include "container/container.h"
#include "files/files.h"
#include "files/in_root.h"
#include "files/mountapi.h"
#include "files/overlay.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { no_replace = 1 /* RENAME_NOREPLACE */, names_max = 48 };

struct spare {
  struct spare *next; /* of those that are not wanted any more */
  struct arena arena;
  struct strings lowers;
  const char *home, *hidden, *upper, *work, *merged;
  struct strings names; /* what a start looks for in it */
  int file; /* the detached mount */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* At most one of `wished` and `ready` is there. */
static struct spare *wished, *ready, *dropped;

static void forget(struct spare *spare) {
  struct arena arena = spare->arena; /* it is in its own arena */
  arena_free(&arena);
}

static bool same(const struct strings *one, const struct strings *other) {
  if (one->count != other->count) return false;
  for (uint32_t i = 0; i < one->count; i++)
    if (strcmp(one->at[i], other->at[i]) != 0) return false;
  return true;
}

/* Under the lock. */
static void drop_all(void) {
  if (wished != NULL) forget(wished);
  wished = NULL;
  if (ready == NULL) return;
  ready->next = dropped;
  dropped = ready;
  ready = NULL;
}

static bool suits(const struct spare *spare, const struct container_spec *spec) {
  return strcmp(spare->upper, spec->upper) == 0 && strcmp(spare->work, spec->work) == 0 &&
         strcmp(spare->merged, spec->merged) == 0 && same(&spare->lowers, &spec->lowers);
}

int spare_overlay_take(const struct container_spec *spec) {
  int file = -1;
  pthread_mutex_lock(&lock);
  struct spare *mine = ready;
  if (mine != NULL && suits(mine, spec) &&
      SYS(SYS_renameat2, AT_FDCWD, mine->hidden, AT_FDCWD, mine->home, no_replace) == 0) {
    file = mine->file;
    /* What a container sees of it are the times of its root. */
    SYS(SYS_utimensat, AT_FDCWD, mine->upper, NULL, 0);
    ready = NULL;
    forget(mine);
  } else if (wished != NULL && strcmp(wished->upper, spec->upper) == 0) {
    drop_all();
  }
  pthread_mutex_unlock(&lock);
  return file;
}

void spare_overlay_drop(const char *upper) {
  pthread_mutex_lock(&lock);
  const struct spare *spare = ready != NULL ? ready : wished;
  if (spare != NULL && strcmp(spare->upper, upper) == 0) drop_all();
  pthread_mutex_unlock(&lock);
}

/* --- what is expected --- */

static const char *copy(struct spare *spare, const char *text) {
  return arena_string(&spare->arena, text, strlen(text));
}

static const char *below(struct spare *spare, const char *folder, size_t length, const char *name) {
  size_t size = length + strlen(name) + 2;
  char *path = arena_take(&spare->arena, size);
  if (path == NULL) return NULL;
  memcpy(path, folder, length);
  text_format(path + length, size - length, "/%s", name);
  return path;
}

static void add_name(struct spare *spare, const char *name) {
  if (name != NULL && spare->names.count < names_max) spare->names.at[spare->names.count++] = name;
}

/* What is not there is asked of the host name by name, for 9p remembers nothing of it; an overlay does. */
static void add_search(struct spare *spare, const struct process_spec *process) {
  const char *program = process->args.count > 0 ? process->args.at[0] : "";
  if (strchr(program, '/') != NULL) add_name(spare, copy(spare, program));
  if (*program == '\0' || strchr(program, '/') != NULL) return;
  for (uint32_t i = 0; i < process->env.count; i++) {
    if (!text_starts(process->env.at[i], "PATH=")) continue;
    for (const char *folder = process->env.at[i] + 5; *folder != '\0';) {
      size_t length = strcspn(folder, ":");
      if (length > 0) add_name(spare, below(spare, folder, length, program));
      folder += length + (folder[length] == ':' ? 1 : 0);
    }
    return;
  }
}

static void add_names(struct spare *spare, const struct container_spec *spec) {
  spare->names.at = arena_take(&spare->arena, names_max * sizeof *spare->names.at);
  if (spare->names.at == NULL) return;
  add_name(spare, "/etc/passwd");
  add_name(spare, "/etc/group");
  for (uint32_t i = 0; i < spec->files.count; i++)
    add_name(spare, copy(spare, ((const struct file_spec *)spec->files.at)[i].path));
  for (uint32_t i = 0; i < spec->mounts.count; i++)
    add_name(spare, copy(spare, ((const struct mount_spec *)spec->mounts.at)[i].target));
  add_search(spare, &spec->process);
}

static bool copy_lowers(struct spare *spare, const struct strings *lowers) {
  spare->lowers.at = arena_take(&spare->arena, lowers->count * sizeof *lowers->at);
  for (uint32_t i = 0; i < lowers->count && spare->lowers.at != NULL; i++, spare->lowers.count++)
    if ((spare->lowers.at[i] = copy(spare, lowers->at[i])) == NULL) break;
  return spare->lowers.count == lowers->count;
}

/* The host's folders of a container stand in one of its name; NULL where they do not. */
static struct spare *describe(const struct container_spec *spec) {
  static unsigned number;
  char hidden[32];
  size_t id = strlen(spec->id), tail = strlen("/diff"), length = strlen(spec->upper);
  if (length < id + tail + 1 || strcmp(spec->upper + length - tail, "/diff") != 0) return NULL;
  size_t shelf = length - tail - id - 1;
  if (spec->upper[shelf] != '/' || strncmp(spec->upper + shelf + 1, spec->id, id) != 0) return NULL;
  struct arena arena = {.blocks = NULL};
  struct spare *spare = arena_take(&arena, sizeof *spare);
  if (spare == NULL) return NULL;
  spare->arena = arena;
  spare->file = -1;
  text_format(hidden, sizeof hidden, ".next-%u", ++number);
  spare->hidden = below(spare, spec->upper, shelf, hidden);
  const char *home = spare->home = below(spare, spec->upper, shelf, spec->next);
  if (home != NULL) {
    spare->upper = below(spare, home, strlen(home), "diff");
    spare->work = below(spare, home, strlen(home), "work");
    spare->merged = below(spare, home, strlen(home), "merged");
  }
  if (spare->hidden == NULL || spare->merged == NULL || !copy_lowers(spare, &spec->lowers)) {
    forget(spare);
    return NULL;
  }
  return spare;
}

static bool is_name(const char *next) {
  size_t length = strlen(next);
  return length > 0 && length < container_id_max && *next != '.' && strchr(next, '/') == NULL;
}

void spare_overlay_expect(const struct container_spec *spec) {
  struct spare *spare = is_name(spec->next) && spec->lowers.count > 0 ? describe(spec) : NULL;
  if (spare == NULL) return;
  pthread_mutex_lock(&lock);
  const struct spare *other = ready != NULL ? ready : wished;
  bool known = other != NULL && strcmp(other->upper, spare->upper) == 0 && same(&other->lowers, &spare->lowers);
  if (known) {
    forget(spare);
  } else {
    drop_all();
    add_names(spare, spec);
    wished = spare;
  }
  pthread_mutex_unlock(&lock);
}

/* --- ahead of the container --- */

static void look_up_names(const struct spare *spare) {
  for (uint32_t i = 0; i < spare->names.count; i++) {
    int file = in_root_open(spare->file, spare->names.at[i], O_PATH);
    if (file >= 0) sys_close(file);
  }
}

/* On a thread with a mount name space of its own, which goes with it: the guest's never has the mount. */
static int mount_detached(void *argument) {
  struct spare *spare = argument;
  struct failure failure = {.stage = NULL};
  long result = SYS(SYS_unshare, CLONE_NEWNS | CLONE_FS);
  if (result >= 0) result = mount_call(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  if (result >= 0) result = overlay_mount(&spare->lowers, spare->upper, spare->work, spare->merged, &failure);
  if (result < 0) return (int)result;
  spare->file = (int)SYS(SYS_open_tree, AT_FDCWD, spare->merged, TREE_CLONE | O_CLOEXEC);
  if (spare->file >= 0) look_up_names(spare);
  return spare->file;
}

/* Nobody is told: the container makes its own then. */
static bool make(struct spare *spare) {
  if (SYS(SYS_mkdirat, AT_FDCWD, spare->home, 0755) < 0) return false; /* a container has it */
  if (thread_run(mount_detached, spare) >= 0 &&
      SYS(SYS_renameat2, AT_FDCWD, spare->home, AT_FDCWD, spare->hidden, no_replace) == 0)
    return true;
  if (spare->file >= 0) sys_close(spare->file);
  files_remove_tree(AT_FDCWD, spare->home);
  return false;
}

/* A start that comes meanwhile waits at the lock: what it would do itself takes as long. */
bool spare_overlay_make_one(void) {
  pthread_mutex_lock(&lock);
  struct spare *spare = wished;
  wished = NULL;
  if (spare != NULL && make(spare))
    ready = spare;
  else if (spare != NULL)
    forget(spare);
  pthread_mutex_unlock(&lock);
  return spare != NULL;
}

bool spare_overlay_close_one(void) {
  pthread_mutex_lock(&lock);
  struct spare *spare = dropped;
  if (spare != NULL) dropped = spare->next;
  pthread_mutex_unlock(&lock);
  if (spare == NULL) return false;
  sys_close(spare->file);
  files_remove_tree(AT_FDCWD, spare->hidden);
  forget(spare);
  return true;
}
