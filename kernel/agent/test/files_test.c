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
