#include "launch/report.h"
#include "base/sys.h"
#include "base/text.h"
#include "launch/launch.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

/* `stage` goes by value: a message from memory that a container may have written to names no address. */
struct said {
  uint32_t uid, gid, execs, error;
  char stage[32];
  char message[sizeof((struct failure *)0)->message];
};

void report_say(struct launch *launch) {
  if (launch->shares_memory) return;
  struct said said = {launch->owner.uid, launch->owner.gid, launch->execs, 0, "", ""};
  if (launch->failure.stage != NULL) {
    said.error = (uint32_t)launch->failure.error;
    text_format(said.stage, sizeof said.stage, "%s", launch->failure.stage);
    memcpy(said.message, launch->failure.message, sizeof said.message);
  }
  sys_write(launch->report, &said, sizeof said);
}

static void take_said(struct launch *launch, struct said *said) {
  launch->owner.uid = said->uid;
  launch->owner.gid = said->gid;
  launch->execs = said->execs != 0;
  if (said->error == 0) return;
  said->stage[sizeof said->stage - 1] = said->message[sizeof said->message - 1] = '\0';
  char *stage = arena_string(&launch->arena, said->stage, strlen(said->stage));
  fail(&launch->failure, (long)said->error, stage != NULL ? stage : "launch", "%s", said->message);
}

union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(sizeof(int))];
};

int report_terminal(int report, int master, struct failure *failure) {
  union control control = {
      .header = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS}};
  memcpy(CMSG_DATA(&control.header), &master, sizeof master);
  char byte = 'm';
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
  long result = SYS(SYS_sendmsg, report, &message, MSG_NOSIGNAL);
  return result < 0 ? fail(failure, result, "console", "send the terminal: %E", (int)-result) : 0;
}

static void take_master(const union control *control, int *master) {
  int file;
  memcpy(&file, CMSG_DATA(&control->header), sizeof file);
  if (*master >= 0) {
    sys_close(file);
    return;
  }
  SYS(SYS_FCNTL, file, F_SETFL, O_RDWR | O_NONBLOCK);
  *master = file;
}

static bool hear_socket(struct launch *launch, int report, int *master) {
  for (;;) {
    union control control;
    struct said said;
    struct iovec part = {&said, sizeof said};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
    long got = SYS(SYS_recvmsg, report, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (got == -EAGAIN || got == -EINTR) return false;
    if (got <= 0) return true;
    if (message.msg_controllen >= sizeof(struct cmsghdr) && control.header.cmsg_type == SCM_RIGHTS)
      take_master(&control, master);
    else if (got == (long)sizeof said && !launch->shares_memory)
      take_said(launch, &said);
  }
}

bool report_hear(struct launch *launch, int report, int *master) {
  struct said said;
  long got;
  if (launch->process->tty != 0) return hear_socket(launch, report, master);
  /* Nothing is written by a child that shares the launch: what woke us is the end. */
  if (launch->shares_memory) return true;
  while ((got = sys_read(report, &said, sizeof said)) == (long)sizeof said)
    take_said(launch, &said);
  return got != -EAGAIN && got != -EINTR;
}
