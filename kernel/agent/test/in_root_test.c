#include "base/statx.h"
#include "files/files.h"
#include "files/in_root.h"
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/drydock-root-XXXXXX";

static int open_folder(void) {
  strcpy(folder + sizeof folder - 7, "XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  return open(folder, O_PATH | O_DIRECTORY);
}

/* `path` of the root is the same file as `other` of it. */
static int same(int root, int file, const char *other) {
  struct statx_result one, two;
  return file >= 0 && statx_get(file, "", AT_EMPTY_PATH, &one) == 0 && statx_get(root, other, 0, &two) == 0 &&
         one.inode == two.inode && one.dev_minor == two.dev_minor;
}

TEST("an absolute link leads to a place below the root, not to one of the host") {
  int root = open_folder();
  CHECK(files_make_directory(root, "etc", 0755) == 0 && files_put(root, "etc/passwd", O_CREAT, 0644, "x", 1) == 0);
  CHECK(symlinkat("/etc", root, "d") == 0 && symlinkat("../../../../etc/passwd", root, "up") == 0);
  int file = in_root_open(root, "/d/passwd", O_PATH), up = in_root_open(root, "up", O_PATH);
  CHECK(same(root, file, "etc/passwd") && same(root, up, "etc/passwd"));
  close(file), close(up);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(root);
}

TEST("what is missing is made below the root, through links and '..' alike") {
  int root = open_folder();
  CHECK(files_make_directory(root, "etc", 0755) == 0 && symlinkat("/etc", root, "d") == 0);
  CHECK(symlinkat("/not/yet", root, "dangling") == 0 && symlinkat("../../../../tmp", root, "up") == 0);
  int sub = in_root_make_folder(root, "/d/sub/deep/", 0755), far = in_root_make_folder(root, "dangling/x", 0755);
  int up = in_root_make_folder(root, "up/../../../new", 0755), file = in_root_make_file(root, "/d/a/b", 0644);
  CHECK(same(root, sub, "etc/sub/deep") && same(root, far, "not/yet/x") && same(root, up, "new"));
  CHECK(same(root, file, "etc/a/b"));
  int again = in_root_make_file(root, "d/a/b", 0644);
  CHECK(same(root, again, "etc/a/b"));
  close(sub), close(far), close(up), close(file), close(again);
  CHECK(in_root_make_folder(root, "d/a/b/c", 0755) == -ENOTDIR);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(root);
}

TEST("links that go round, and those of /proc, are refused") {
  int root = open_folder(), host = open("/", O_PATH | O_DIRECTORY);
  CHECK(symlinkat("/b", root, "a") == 0 && symlinkat("/a", root, "b") == 0);
  CHECK(in_root_open(root, "a/x", O_PATH) == -ELOOP && in_root_make_folder(root, "a/x", 0755) == -ELOOP);
  CHECK(in_root_open(host, "/proc/self/cwd", O_PATH) < 0 && in_root_make_folder(host, "/proc/self/cwd/x", 0755) < 0);
  CHECK(access("x", F_OK) != 0);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(root), close(host);
}

TEST("the folder of a node is found with its name, and names that are none are refused") {
  int root = open_folder();
  const char *name;
  CHECK(symlinkat("/real", root, "dev") == 0);
  int parent = in_root_parent(root, "/dev/deep/null", &name);
  CHECK(same(root, parent, "real/deep") && strcmp(name, "null") == 0);
  close(parent);
  CHECK(in_root_parent(root, "/dev/..", &name) == -EINVAL && in_root_parent(root, "/dev/", &name) == -EINVAL);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(root);
}
