/* list: the names in a folder, however many. */
#include "base/sys.h"
#include "files/scope.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Of struct linux_dirent64. */
enum { record_size_at = 16, name_at = 19 };

static bool write_names(struct flow *flow, const uint8_t *entries, long size) {
  for (long at = 0; at < size; at += load_u16(entries + at + record_size_at)) {
    const char *name = (const char *)entries + at + name_at;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    if (!flow_write(flow, name, strlen(name) + 1)) return false;
  }
  return true;
}

int list_flow(struct flow *flow, const void *spec, struct failure *failure) {
  const struct tree_spec *tree = spec;
  uint8_t entries[8192] __attribute__((aligned(8)));
  int folder = scope_open(tree->pid, tree->root, tree->path, O_RDONLY | O_DIRECTORY);
  if (folder < 0) return fail(failure, folder, "list", "%s: %E", tree->path, -folder);
  flow_reply(flow, &(struct writer){0});
  long got;
  while ((got = SYS(SYS_getdents64, folder, entries, sizeof entries)) > 0)
    if (!write_names(flow, entries, got)) break;
  sys_close(folder);
  if (got < 0) return fail(failure, got, "list", "%s: %E", tree->path, (int)-got);
  flow_end(flow);
  return 0;
}
