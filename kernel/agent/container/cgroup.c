#include "container/cgroup.h"
#include "base/sys.h"
#include "base/text.h"
#include "files/files.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/sysinfo.h>

enum { path_max = 512, wait_milliseconds = 10000 };

static const char *root_path = "/sys/fs/cgroup";
static int root = -1;

void cgroup_use(const char *path) {
  root_path = path;
}

static int open_root(void) {
  if (root < 0) root = sys_open(AT_FDCWD, root_path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
  return root;
}

static const char *relative(const char *name) {
  while (*name == '/')
    name++;
  return *name == '\0' ? "." : name;
}

/* Each by itself: a controller that the kernel lacks must not keep the others. */
static void delegate(const char *parent) {
  static const char *const controllers[] = {"+memory", "+cpu", "+pids", "+io", "+cpuset"};
  char path[path_max];
  text_format(path, sizeof path, "%s/cgroup.subtree_control", parent);
  for (size_t i = 0; i < sizeof controllers / sizeof controllers[0]; i++)
    files_put(root, path, 0, 0, controllers[i], strlen(controllers[i]));
}

/* Files in memory (/dev/shm, tmpfs) go with no process: a kernel that has nobody left to end panics. What containers
 * take together leaves an eighth of the guest's memory, less than a gigabyte, to the guest; the kernel ends theirs
 * before. */
static void leave_room(const char *parent) {
  struct sysinfo info;
  char path[path_max], bytes[16];
  if (SYS(SYS_sysinfo, &info) < 0) return;
  uint64_t total = (uint64_t)info.totalram * info.mem_unit;
  text_format(path, sizeof path, "%s/memory.max", parent);
  text_format(bytes, sizeof bytes, "%u", (unsigned)(total - total / 8));
  files_put(root, path, 0, 0, bytes, strlen(bytes));
}

static int make_parents(const char *name) {
  char path[path_max];
  text_format(path, sizeof path, "%s", name);
  for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    long result = SYS(SYS_mkdirat, root, path, 0755);
    if (result < 0 && result != -EEXIST) return (int)result;
    if (result == 0 && strchr(path, '/') == NULL) leave_room(path);
    delegate(path);
    *slash = '/';
  }
  return 0;
}

/* Parents of somebody else's making may have delegated nothing; docker's own has. */
static int make(const char *name) {
  if (strncmp(name, "docker/", 7) != 0) {
    int parents = make_parents(name);
    if (parents < 0) return parents;
  }
  long result = SYS(SYS_mkdirat, root, name, 0755);
  if (result == -EEXIST && SYS(SYS_unlinkat, root, name, AT_REMOVEDIR) == 0)
    result = SYS(SYS_mkdirat, root, name, 0755);
  if (result == -ENOENT) {
    result = make_parents(name);
    if (result == 0) result = SYS(SYS_mkdirat, root, name, 0755);
  }
  return result == -EEXIST ? 0 : (int)result;
}

/* A refusal is told in runc's words; `doing` comes first. */
static int write_files(int folder, const char *name, const struct list *files, const char *doing,
                       struct failure *failure) {
  for (uint32_t i = 0; i < files->count; i++) {
    const struct cgroup_file_spec *file = (const struct cgroup_file_spec *)files->at + i;
    int result = files_put(folder, file->name, 0, 0, file->value, strlen(file->value));
    if (result < 0)
      return fail(failure, result, "cgroup", "%sfailed to write \"%s\": write %s/%s/%s: %E", doing, file->value,
                  root_path, name, file->name, -result);
  }
  return 0;
}

int cgroup_create(const char *name, const struct list *files, struct failure *failure) {
  name = relative(name);
  if (open_root() < 0) return fail(failure, root, "cgroup", "%s: %E", root_path, -root);
  int result = make(name);
  if (result < 0) return fail(failure, result, "cgroup", "mkdir %s/%s: %E", root_path, name, -result);
  int folder = sys_open(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (folder < 0) return fail(failure, folder, "cgroup", "%s/%s: %E", root_path, name, -folder);
  if (write_files(folder, name, files, "error setting cgroup config for procHooks process: ", failure) == 0)
    return folder;
  sys_close(folder);
  return -1;
}

int cgroup_write(const char *name, const struct list *files, struct failure *failure) {
  int folder = cgroup_open(name, ".", O_RDONLY | O_DIRECTORY);
  if (folder < 0) return fail(failure, folder, "cgroup", "%s: %E", name, -folder);
  int result = write_files(folder, relative(name), files, "", failure);
  sys_close(folder);
  return result;
}

int cgroup_open(const char *name, const char *file, int flags) {
  char path[path_max];
  if (open_root() < 0) return root;
  text_format(path, sizeof path, "%s/%s", relative(name), file);
  return sys_open(root, path, flags | O_CLOEXEC, 0);
}

static uint64_t find_count(const char *text, const char *key) {
  size_t length = strlen(key);
  for (const char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (strncmp(line, key, length) != 0 || line[length] != ' ') continue;
    uint64_t count = 0;
    for (const char *digit = line + length + 1; *digit >= '0' && *digit <= '9'; digit++)
      count = count * 10 + (uint64_t)(*digit - '0');
    return count;
  }
  return 0;
}

uint64_t cgroup_count(const char *name, const char *file, const char *key) {
  char text[512];
  int fd = cgroup_open(name, file, O_RDONLY);
  if (fd < 0) return 0;
  long got = sys_read(fd, text, sizeof text - 1);
  sys_close(fd);
  if (got <= 0) return 0;
  text[got] = '\0';
  return find_count(text, key);
}

static void wait_empty(const char *name) {
  char text[256];
  int fd = cgroup_open(name, "cgroup.events", O_RDONLY);
  if (fd < 0) return;
  for (;;) {
    long got = sys_pread(fd, text, sizeof text - 1, 0);
    if (got <= 0) break;
    text[got] = '\0';
    if (find_count(text, "populated") == 0) break;
    struct pollfd wait = {fd, POLLPRI, 0};
    if (SYS(SYS_poll, &wait, 1, wait_milliseconds) <= 0) break;
  }
  sys_close(fd);
}

/* Folders that the container itself made below its own. */
static int remove_folder(int directory, const char *name, int depth) {
  long result = SYS(SYS_unlinkat, directory, name, AT_REMOVEDIR);
  if (result != -EBUSY || depth > 16) return (int)result;
  int folder = sys_open(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
  if (folder < 0) return folder;
  uint8_t buffer[1024] __attribute__((aligned(8)));
  long got;
  while ((got = SYS(SYS_getdents64, folder, buffer, sizeof buffer)) > 0) {
    for (long at = 0; at < got;) {
      /* struct linux_dirent64: u64, s64, u16 size, u8 type, name */
      uint8_t *entry = buffer + at;
      const char *child = (const char *)entry + 19;
      at += load_u16(entry + 16);
      if (entry[18] == 4 && strcmp(child, ".") != 0 && strcmp(child, "..") != 0)
        remove_folder(folder, child, depth + 1);
    }
  }
  sys_close(folder);
  return (int)SYS(SYS_unlinkat, directory, name, AT_REMOVEDIR);
}

int cgroup_remove(const char *name, struct failure *failure) {
  if (open_root() < 0) return fail(failure, root, "cgroup", "%s: %E", root_path, -root);
  name = relative(name);
  int result = remove_folder(root, name, 0);
  if (result == -EBUSY) {
    char path[path_max];
    text_format(path, sizeof path, "%s/cgroup.kill", name);
    files_put(root, path, 0, 0, "1", 1);
    wait_empty(name);
    result = remove_folder(root, name, 0);
  }
  return result < 0 && result != -ENOENT ? fail(failure, result, "cgroup", "remove %s/%s: %E", root_path, name, -result)
                                         : 0;
}

int cgroup_mark(int inotify, const char *name, const char *file) {
  char path[path_max];
  text_format(path, sizeof path, "%s/%s/%s", root_path, relative(name), file);
  return (int)SYS(SYS_inotify_add_watch, inotify, path, IN_MODIFY);
}
