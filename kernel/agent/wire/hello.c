#include "wire/hello.h"
#include "base/sys.h"
#include "wire/protocol.h"
#include "wire/stream.h"
#include <string.h>
#include <sys/utsname.h>

static struct stream stream;
static void gone(struct stream *ended) {
  (void)ended;
}
static const struct stream_calls calls = {.reset = gone};

void hello_send(void) {
  uint8_t buffer[256];
  struct writer record = {buffer, buffer, buffer + sizeof buffer, false};
  struct utsname kernel = {0};
  stream_forget(&stream);
  SYS(SYS_uname, &kernel);
  write_u32(&record, DD_TAG_HELLO_SPEC_VERSION, DD_PROTOCOL_VERSION);
  write_u32(&record, DD_TAG_HELLO_SPEC_PID, (uint32_t)SYS(SYS_getpid));
  write_string(&record, DD_TAG_HELLO_SPEC_KERNEL, kernel.release);
  stream_open(&stream, &calls, DD_AGENT_KIND_HELLO, &record);
}
