#include "files/copy.h"
#include "files/files.h"
#include "test.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/drydock-files-XXXXXX";

static int open_folder(void) {
  strcpy(folder + sizeof folder - 7, "XXXXXX");
  CHECK(mkdtemp(folder) != NULL);
  return open(folder, O_RDONLY | O_DIRECTORY);
}

TEST("folders are made with those above them, and once more without complaint") {
  int at = open_folder();
  CHECK(files_make_directory(at, "a/b/c/", 0755) == 0 && files_make_directory(at, "a/b/c", 0755) == 0);
  CHECK(files_make_parent(at, "x/y/file", 0755) == 0 && faccessat(at, "x/y", F_OK, 0) == 0 &&
        faccessat(at, "x/y/file", F_OK, 0) != 0);
  CHECK(files_put(at, "x/file", O_CREAT, 0644, "text", 4) == 0 &&
        files_make_directory(at, "x/file/z", 0755) == -ENOTDIR);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0 && access(folder, F_OK) != 0);
  close(at);
}

TEST("a tree goes with all in it; what its symbolic links point to stays") {
  int at = open_folder();
  CHECK(files_make_directory(at, "tree/deep/er", 0755) == 0 && files_make_directory(at, "kept", 0755) == 0);
  CHECK(files_put(at, "kept/file", O_CREAT, 0644, "", 0) == 0);
  CHECK(symlinkat("../kept", at, "tree/link") == 0);
  for (int i = 0; i < 300; i++) {
    char name[32];
    snprintf(name, sizeof name, "tree/deep/file%d", i);
    CHECK(files_put(at, name, O_CREAT, 0644, "x", 1) == 0);
  }
  CHECK(files_remove_tree(at, "tree") == 0 && faccessat(at, "tree", F_OK, 0) != 0);
  CHECK(faccessat(at, "kept/file", F_OK, 0) == 0);
  CHECK(files_remove_tree(at, "tree") == 0);
  CHECK(files_remove_tree(at, "kept/file") == 0 && faccessat(at, "kept/file", F_OK, 0) != 0);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(at);
}

TEST("a small file is read back, a missing one is -ENOENT") {
  int at = open_folder();
  char text[8];
  CHECK(files_put(at, "f", O_CREAT | O_TRUNC, 0600, "hello", 5) == 0);
  CHECK(files_get(at, "f", text, sizeof text) == 5 && memcmp(text, "hello", 5) == 0);
  CHECK(files_get(at, "g", text, sizeof text) == -ENOENT);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(at);
}

TEST("a path of a thousand missing folders is made, and a tree as deep as that goes") {
  int at = open_folder();
  char path[2 * 1000 + 8] = "";
  for (int i = 0; i < 1000; i++)
    memcpy(path + i * 2, "d/", 3);
  CHECK(files_make_directory(at, path, 0755) == 0 && faccessat(at, path, F_OK, 0) == 0);
  strcat(path, "file");
  CHECK(files_put(at, path, O_CREAT, 0644, "x", 1) == 0);
  CHECK(files_put(at, "d/beside", O_CREAT, 0644, "x", 1) == 0);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0 && access(folder, F_OK) != 0);
  close(at);
}

static ino_t inode_of(int at, const char *name) {
  struct stat stat;
  return fstatat(at, name, &stat, AT_SYMLINK_NOFOLLOW) == 0 ? stat.st_ino : 0;
}

TEST("a copy of a layer has its links, modes and times, and leaves nothing behind where it fails") {
  int at = open_folder();
  char target[64], text[8] = "", *big = calloc(1, 3 << 20);
  struct failure failure = {0};
  struct stat stat;
  CHECK(files_make_directory(at, "upper/a/b", 0755) == 0 && files_make_directory(at, "upper/empty", 0755) == 0);
  CHECK(files_put(at, "upper/a/b/file", O_CREAT, 0600, "text", 4) == 0 &&
        fchmodat(at, "upper/a/b/file", 04751, 0) == 0);
  CHECK(linkat(at, "upper/a/b/file", at, "upper/a/same", 0) == 0 && symlinkat("nowhere", at, "upper/link") == 0);
  CHECK(big != NULL && files_put(at, "upper/big", O_CREAT, 0644, big, (3 << 20) - 5) == 0);
  CHECK(mkfifoat(at, "upper/fifo", 0640) == 0);
  for (int i = 0; i < 300; i++) {
    char name[40];
    snprintf(name, sizeof name, "upper/empty/many-%d", i);
    CHECK(files_put(at, name, O_CREAT, 0644, "x", 1) == 0);
  }
  const struct timespec times[2] = {{1000, 5}, {2000, 7}};
  CHECK(utimensat(at, "upper/a/b", times, 0) == 0 && utimensat(at, "upper/a/b/file", times, 0) == 0);
  snprintf(target, sizeof target, "%s/copy", folder);
  int upper = openat(at, "upper", O_PATH | O_DIRECTORY);
  CHECK(copy_layer(upper, target, &failure) == 0);
  CHECK(files_get(at, "copy/a/b/file", text, sizeof text) == 4 && memcmp(text, "text", 4) == 0);
  CHECK(inode_of(at, "copy/a/b/file") == inode_of(at, "copy/a/same") &&
        inode_of(at, "copy/a/same") != inode_of(at, "upper/a/same"));
  CHECK(fstatat(at, "copy/a/b/file", &stat, 0) == 0 && stat.st_mode == (S_IFREG | 04751));
  CHECK(stat.st_mtim.tv_sec == 2000 && stat.st_mtim.tv_nsec == 0);
  CHECK(fstatat(at, "copy/a/b", &stat, 0) == 0 && stat.st_mtim.tv_sec == 2000);
  CHECK(fstatat(at, "copy/big", &stat, 0) == 0 && stat.st_size == (3 << 20) - 5);
  CHECK(fstatat(at, "copy/fifo", &stat, 0) == 0 && stat.st_mode == (S_IFIFO | 0640));
  CHECK(readlinkat(at, "copy/link", text, sizeof text) == 7 && faccessat(at, "copy/empty/many-299", F_OK, 0) == 0);
  CHECK(copy_layer(upper, target, &failure) < 0 && failure.error == EEXIST);
  CHECK(faccessat(at, "copy/big", F_OK, 0) == 0);
  free(big);
  close(upper);
  CHECK(files_remove_tree(AT_FDCWD, folder) == 0);
  close(at);
}
