/* clock: the time and fresh randomness, after boot and after a thaw. */
#include "base/sys.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <string.h>

static int add_entropy(struct bytes seed, struct failure *failure) {
  struct {
    int bits, size;
    uint8_t bytes[512];
  } pool = {0};
  uint32_t size = seed.size < sizeof pool.bytes ? seed.size : (uint32_t)sizeof pool.bytes;
  if (size == 0) return 0;
  pool.bits = (int)size * 8;
  pool.size = (int)size;
  memcpy(pool.bytes, seed.at, size);
  int file = sys_open(AT_FDCWD, "/dev/urandom", O_RDWR | O_CLOEXEC, 0);
  if (file < 0) return fail(failure, file, "clock", "/dev/urandom: %E", -file);
  long result = sys_ioctl(file, RNDADDENTROPY, &pool);
  if (result >= 0) result = sys_ioctl(file, RNDRESEEDCRNG, NULL);
  sys_close(file);
  return result < 0 ? fail(failure, result, "clock", "seed the random numbers: %E", (int)-result) : 0;
}

int clock_answer(void *spec, struct writer *reply, struct failure *failure) {
  const struct clock_spec *clock = spec;
  (void)reply;
  int64_t time[2] = {(int64_t)clock->seconds, clock->nanoseconds};
  long result = clock->seconds == 0 ? 0 : SYS(SYS_CLOCK_SETTIME, 0 /* CLOCK_REALTIME */, time);
  if (result < 0) return fail(failure, result, "clock", "set the clock: %E", (int)-result);
  return add_entropy(clock->seed, failure);
}
