#include "base/thread.h"
#include <pthread.h>

enum { stack_bytes = 64 * 1024 };

int thread_start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  int result = -pthread_create(&thread, &attributes, run, argument);
  pthread_attr_destroy(&attributes);
  return result;
}
