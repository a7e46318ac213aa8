#include "base/thread.h"
#include <pthread.h>

enum { stack_bytes = 64 * 1024 };

static int create(pthread_t *thread, int detached, void *(*run)(void *), void *argument) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, detached);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  int result = -pthread_create(thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  return result;
}

int thread_start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  return create(&thread, PTHREAD_CREATE_DETACHED, run, argument);
}

struct errand {
  int (*run)(void *);
  void *argument;
  int result;
};

static void *do_errand(void *argument) {
  struct errand *errand = argument;
  errand->result = errand->run(errand->argument);
  return NULL;
}

int thread_run(int (*run)(void *), void *argument) {
  struct errand errand = {run, argument, 0};
  pthread_t thread;
  int result = create(&thread, PTHREAD_CREATE_JOINABLE, do_errand, &errand);
  if (result < 0) return result;
  pthread_join(thread, NULL);
  return errand.result;
}
