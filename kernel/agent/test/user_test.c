#include "launch/user.h"
#include "test.h"
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int file_of(const char *text) {
  int file = memfd_create("test", 0);
  CHECK(write(file, text, strlen(text)) == (ssize_t)strlen(text));
  lseek(file, 0, SEEK_SET);
  return file;
}

static const char passwd[] = "root:x:0:0:root:/root:/bin/sh\n"
                             "bad line\n"
                             "daemon:x:1:1::/usr/sbin:/bin/false\n"
                             "web:x:33:33::/var/www:/bin/sh\n"
                             "1234:x:77:77::/odd:\n"
                             "nohome:x:90:90:::"; /* the last line has no newline */
static const char group[] = "root:x:0:root\nwheel:x:10:root,web\nweb:x:33:\nstaff:x:50:daemon,webby\nusers:x:100:web\n";

static struct identity identity;
static struct failure failure;

static int resolve(const char *user, const char **groups, uint32_t count) {
  struct strings more = {groups, count};
  int files[2] = {file_of(passwd), file_of(group)};
  int result = identity_resolve(&identity, user, &more, files[0], files[1], &failure);
  close(files[0]);
  close(files[1]);
  return result;
}

static bool groups_are(const uint32_t *wanted, uint32_t count) {
  return identity.group_count == count && memcmp(identity.groups, wanted, count * sizeof *wanted) == 0;
}

TEST("no user is root, with the groups that list root") {
  CHECK(resolve("", NULL, 0) == 0);
  CHECK(identity.uid == 0 && identity.gid == 0 && groups_are((uint32_t[]){0, 10}, 2));
  CHECK_TEXT(identity.home, "/root");
}

TEST("a name and its number are the same user") {
  CHECK(resolve("web", NULL, 0) == 0 && identity.uid == 33 && identity.gid == 33);
  CHECK(groups_are((uint32_t[]){33, 10, 100}, 3));
  CHECK(resolve("33", NULL, 0) == 0 && identity.uid == 33 && groups_are((uint32_t[]){33, 10, 100}, 3));
  CHECK_TEXT(identity.home, "/var/www");
}

TEST("a group after the colon replaces the primary one and drops the listed ones") {
  CHECK(resolve("web:staff", NULL, 0) == 0 && identity.gid == 50 && groups_are((uint32_t[]){50}, 1));
  CHECK(resolve("web:0", NULL, 0) == 0 && identity.gid == 0);
  CHECK(resolve("33:4242", NULL, 0) == 0 && identity.gid == 4242);
}

TEST("a number that nobody has is taken as it is, with group 0 and home /") {
  CHECK(resolve("4711", NULL, 0) == 0 && identity.uid == 4711 && identity.gid == 0 && groups_are((uint32_t[]){0}, 1));
  CHECK_TEXT(identity.home, "/");
}

TEST("a user whose name is a number is found by name") {
  CHECK(resolve("1234", NULL, 0) == 0 && identity.uid == 77);
}

TEST("a last line without newline counts, an empty home is /") {
  CHECK(resolve("nohome", NULL, 0) == 0 && identity.uid == 90);
  CHECK_TEXT(identity.home, "/");
}

TEST("unknown names fail in Docker's words") {
  CHECK(resolve("nobody", NULL, 0) < 0);
  CHECK_TEXT(failure.message, "unable to find user nobody: no matching entries in passwd file");
  CHECK(resolve("web:nogroup", NULL, 0) < 0);
  CHECK_TEXT(failure.message, "unable to find group nogroup: no matching entries in group file");
  CHECK(resolve("web", (const char *[]){"nope"}, 1) < 0);
  CHECK_TEXT(failure.message, "unable to find group nope: no matching entries in group file");
  CHECK_TEXT(failure.stage, "user");
}

TEST("numbers above 2147483647 are refused") {
  CHECK(resolve("2147483648", NULL, 0) < 0);
  CHECK_TEXT(failure.message, "uids and gids must be in range 0-2147483647");
  CHECK(resolve("2147483647", NULL, 0) == 0 && identity.uid == 2147483647u);
}

TEST("--group-add takes names and numbers, each once") {
  CHECK(resolve("web:web", (const char *[]){"staff", "4242", "10", "wheel"}, 4) == 0);
  CHECK(groups_are((uint32_t[]){33, 10, 50, 4242}, 4) || groups_are((uint32_t[]){33, 50, 10, 4242}, 4));
}

TEST("without passwd and group files numbers work and names do not") {
  struct strings none = {NULL, 0};
  CHECK(identity_resolve(&identity, "5:6", &none, -1, -1, &failure) == 0 && identity.uid == 5 && identity.gid == 6);
  CHECK(identity_resolve(&identity, "web", &none, -1, -1, &failure) < 0);
  CHECK(identity_resolve(&identity, "", &none, -1, -1, &failure) == 0 && identity.uid == 0);
}

TEST("a line longer than the buffer is passed over, and those after it are read") {
  char *text = malloc(20000);
  memset(text, 'x', 10000);
  strcpy(text + 10000, "\nlate:x:5:6::/late:\n");
  struct strings none = {NULL, 0};
  int file = file_of(text);
  CHECK(identity_resolve(&identity, "late", &none, file, -1, &failure) == 0 && identity.uid == 5);
  close(file);
  free(text);
}
