#include "launch/user.h"
#include "base/sys.h"
#include "base/text.h"
#include <errno.h>
#include <string.h>

enum { line_max = 4096, name_max = 256, id_max = 2147483647 };

struct lines {
  int fd;
  uint32_t start, end;
  bool skipping;
  char buffer[line_max];
};

/* The next line without its newline, or NULL. A line longer than the buffer is left out. */
static char *next_line(struct lines *lines) {
  for (;;) {
    char *newline = memchr(lines->buffer + lines->start, '\n', lines->end - lines->start);
    if (newline != NULL) {
      char *line = lines->buffer + lines->start;
      *newline = '\0';
      lines->start = (uint32_t)(newline + 1 - lines->buffer);
      if (!lines->skipping) return line;
      lines->skipping = false;
      continue;
    }
    memmove(lines->buffer, lines->buffer + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    if (lines->end == line_max - 1) {
      lines->skipping = true;
      lines->end = 0;
    }
    long got = lines->fd < 0 ? 0 : sys_read(lines->fd, lines->buffer + lines->end, line_max - 1 - lines->end);
    if (got > 0) {
      lines->end += (uint32_t)got;
      continue;
    }
    if (lines->end == 0 || lines->skipping) return NULL;
    lines->buffer[lines->end] = '\0';
    lines->end = 0;
    return lines->buffer;
  }
}

/* Splits at colons in place; returns how many fields there are, at most `max`. */
static unsigned split(char *line, char **fields, unsigned max) {
  unsigned count = 0;
  while (count < max) {
    fields[count++] = line;
    char *colon = strchr(line, ':');
    if (colon == NULL) break;
    *colon = '\0';
    line = colon + 1;
  }
  return count;
}

struct wanted {
  char name[name_max];
  bool given, numeric;
  uint64_t number;
};

static struct wanted wanted(const char *text, size_t length) {
  struct wanted result = {.given = length > 0};
  if (length >= name_max) length = name_max - 1;
  memcpy(result.name, text, length);
  result.numeric = text_number(result.name, UINT64_MAX, &result.number);
  return result;
}

static bool matches(const struct wanted *wanted, const char *name, uint64_t number) {
  return (wanted->numeric && wanted->number == number) || strcmp(wanted->name, name) == 0;
}

/* passwd(5): name:password:uid:gid:comment:home:shell. Returns 1 if an entry matched. */
static int find_user(struct identity *identity, struct wanted *user, int passwd) {
  struct lines lines = {.fd = passwd};
  char *line, *fields[7];
  while ((line = next_line(&lines)) != NULL) {
    uint64_t uid, gid;
    unsigned count = split(line, fields, 7);
    if (count < 4 || !text_number(fields[2], id_max, &uid) || !text_number(fields[3], id_max, &gid)) continue;
    if (user->given ? !matches(user, fields[0], uid) : uid != 0) continue;
    identity->uid = (uint32_t)uid;
    identity->gid = (uint32_t)gid;
    text_format(identity->home, sizeof identity->home, "%s", count > 5 && *fields[5] != '\0' ? fields[5] : "/");
    text_format(user->name, sizeof user->name, "%s", fields[0]);
    return 1;
  }
  return 0;
}

static bool is_member(char *members, const char *name) {
  size_t length = strlen(name);
  while (*members != '\0') {
    size_t size = strcspn(members, ",");
    if (size == length && memcmp(members, name, size) == 0) return true;
    members += size + (members[size] == ',' ? 1 : 0);
  }
  return false;
}

static void add_group(struct identity *identity, uint64_t gid) {
  for (uint32_t i = 0; i < identity->group_count; i++)
    if (identity->groups[i] == gid) return;
  if (identity->group_count < identity_groups_max) identity->groups[identity->group_count++] = (uint32_t)gid;
}

struct search {
  const struct wanted *primary; /* the part after the colon, if given */
  const char *member; /* else: groups that list this user, "" = none */
  const struct strings *more;
  uint32_t found_more; /* bit n = more[n] was found */
  bool found_primary;
};

/* group(5): name:password:gid:members. */
static void find_groups(struct identity *identity, struct search *search, int group) {
  struct lines lines = {.fd = group};
  char *line, *fields[4];
  while ((line = next_line(&lines)) != NULL) {
    uint64_t gid;
    unsigned count = split(line, fields, 4);
    if (count < 3 || !text_number(fields[2], id_max, &gid)) continue;
    if (search->primary->given) {
      if (!search->found_primary && matches(search->primary, fields[0], gid)) {
        search->found_primary = true;
        identity->gid = (uint32_t)gid;
      }
    } else if (count > 3 && *search->member != '\0' && is_member(fields[3], search->member)) {
      add_group(identity, gid);
    }
    for (uint32_t i = 0; i < search->more->count && i < 32; i++) {
      struct wanted more = wanted(search->more->at[i], strlen(search->more->at[i]));
      if ((search->found_more & 1u << i) != 0 || !matches(&more, fields[0], gid)) continue;
      search->found_more |= 1u << i;
      add_group(identity, gid);
    }
  }
}

static int accept_number(struct failure *failure, const char *what, const struct wanted *wanted) {
  if (!wanted->numeric)
    return fail(failure, ENOENT, "user", "unable to find %s %s: no matching entries in %s file", what, wanted->name,
                strcmp(what, "user") == 0 ? "passwd" : "group");
  if (wanted->number > id_max) return fail(failure, ERANGE, "user", "uids and gids must be in range 0-2147483647");
  return 0;
}

static int add_more(struct identity *identity, const struct search *search, struct failure *failure) {
  for (uint32_t i = 0; i < search->more->count && i < 32; i++) {
    struct wanted more = wanted(search->more->at[i], strlen(search->more->at[i]));
    if ((search->found_more & 1u << i) != 0) continue;
    if (accept_number(failure, "group", &more) < 0) return -1;
    add_group(identity, more.number);
  }
  return 0;
}

/* Docker puts the primary group first among the supplementary ones (CVE-2022-36109). */
static void put_primary_first(struct identity *identity) {
  uint32_t groups[identity_groups_max];
  uint32_t count = identity->group_count;
  memcpy(groups, identity->groups, count * sizeof *groups);
  identity->group_count = 0;
  add_group(identity, identity->gid);
  for (uint32_t i = 0; i < count; i++)
    add_group(identity, groups[i]);
}

int identity_resolve(struct identity *identity, const char *user, const struct strings *groups, int passwd, int group,
                     struct failure *failure) {
  const char *colon = strchr(user, ':');
  struct wanted name = wanted(user, colon == NULL ? strlen(user) : (size_t)(colon - user));
  struct wanted primary = wanted(colon == NULL ? "" : colon + 1, colon == NULL ? 0 : strlen(colon + 1));
  identity->uid = identity->gid = identity->group_count = 0;
  memcpy(identity->home, "/", 2);
  int found = find_user(identity, &name, passwd);
  if (!found && name.given) {
    if (accept_number(failure, "user", &name) < 0) return -1;
    identity->uid = (uint32_t)name.number;
  }
  struct search search = {.primary = &primary, .member = found ? name.name : "", .more = groups};
  if (primary.given || found || groups->count > 0) find_groups(identity, &search, group);
  if (primary.given && !search.found_primary) {
    if (accept_number(failure, "group", &primary) < 0) return -1;
    identity->gid = (uint32_t)primary.number;
  }
  if (add_more(identity, &search, failure) < 0) return -1;
  put_primary_first(identity);
  return 0;
}
