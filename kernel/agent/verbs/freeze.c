/* freeze: cgroup.freeze, answered when cgroup.events says that it is so. */
#include "base/sys.h"
#include "container/cgroup.h"
#include "container/container.h"
#include "loop/loop.h"
#include "verbs/verbs.h"
#include "wire/spec.h"
#include "wire/stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct freeze {
  struct stream stream;
  struct watch events;
  bool frozen;
  char cgroup[container_cgroup_max];
};

static void finish(struct freeze *freeze) {
  stream_forget(&freeze->stream);
  loop_close(&freeze->events);
  loop_free(freeze);
}

static void look(struct freeze *freeze) {
  char text[256];
  long got = sys_pread(freeze->events.fd, text, sizeof text - 1, 0);
  if (got < 0) { /* the cgroup is gone */
    struct failure failure;
    fail(&failure, got, "freeze", "cgroup.events of %s: %E", freeze->cgroup, (int)-got);
    stream_reset(&freeze->stream, &failure);
    finish(freeze);
    return;
  }
  text[got] = '\0';
  bool frozen = strstr(text, "frozen 1") != NULL;
  /* An empty cgroup is never frozen; nothing runs in it either. */
  if (frozen != freeze->frozen && strstr(text, "populated 0") == NULL) return;
  stream_reply(&freeze->stream, &(struct writer){0});
  stream_close(&freeze->stream);
  finish(freeze);
}

static void changed(struct watch *watch, uint32_t events) {
  (void)events;
  look(watch->owner);
}

static void reset(struct stream *stream) {
  finish((struct freeze *)stream);
}
static const struct stream_calls calls = {.reset = reset};

static int begin(uint32_t id, const struct freeze_spec *spec, struct failure *failure) {
  const struct container *container = container_running(spec->container, failure);
  if (container == NULL) return -1;
  int file = cgroup_open(container->cgroup, "cgroup.freeze", O_WRONLY);
  long result = file < 0 ? file : sys_write(file, spec->frozen != 0 ? "1" : "0", 1);
  if (file >= 0) sys_close(file);
  int events = result < 0 ? (int)result : cgroup_open(container->cgroup, "cgroup.events", O_RDONLY);
  if (events < 0) return fail(failure, events, "freeze", "freeze container %s: %E", container->id, -events);
  struct freeze *freeze = calloc(1, sizeof *freeze);
  if (freeze == NULL) {
    sys_close(events);
    return fail(failure, ENOMEM, "freeze", "no memory");
  }
  freeze->events = (struct watch){.fd = events, .ready = changed, .owner = freeze};
  freeze->frozen = spec->frozen != 0;
  strcpy(freeze->cgroup, container->cgroup);
  stream_accept(&freeze->stream, id, &calls);
  loop_want(&freeze->events, EPOLLPRI);
  look(freeze);
  return 0;
}

int freeze_open(uint32_t id, struct bytes payload, struct failure *failure) {
  struct arena arena = {0};
  struct freeze_spec spec;
  int result = record_decode(&freeze_shape, payload, &arena, &spec) < 0
                   ? fail(failure, EPROTO, "decode", "malformed freeze")
                   : begin(id, &spec, failure);
  arena_free(&arena);
  return result;
}
