/* quiesce: no request of ours is at the 9p server until a byte comes on the second serial line. */
#include "verbs/quiesce.h"
#include "base/sys.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/hello.h"
#include "wire/stream.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

static int bell = -1;
static uint32_t waiting_id;

void quiesce_prepare(void) {
  struct termios mode;
  bell = sys_open(AT_FDCWD, "/dev/ttyS1", O_RDONLY | O_NOCTTY | O_CLOEXEC, 0);
  if (bell < 0 || sys_ioctl(bell, TCGETS, &mode) < 0) return;
  mode.c_iflag = mode.c_oflag = mode.c_lflag = 0;
  mode.c_cflag = B115200 | CS8 | CREAD | CLOCAL;
  mode.c_cc[VMIN] = 1;
  mode.c_cc[VTIME] = 0;
  sys_ioctl(bell, TCSETS, &mode);
}

/* The lock stays held: whatever wakes the other threads meanwhile waits for it before it could write to the channel. */
static void wait_for_bell(void) {
  uint8_t byte;
  request_wait_idle();
  sys_ioctl(bell, TCFLSH, (void *)0 /* TCIFLUSH: rings from before do not count */);
  reply_empty(waiting_id);
  channel_flush();
  while (sys_read(bell, &byte, 1) == -EINTR)
    ;
  hello_send();
}

int quiesce_open(uint32_t id, struct bytes payload, struct failure *failure) {
  (void)payload;
  if (bell < 0) return fail(failure, -bell, "quiesce", "/dev/ttyS1: %E", -bell);
  waiting_id = id;
  channel_pause(wait_for_bell);
  return 0;
}
