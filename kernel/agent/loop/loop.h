/* The epoll thread. A watch is one file descriptor with a function; all are called with the channel's lock held. */
#pragma once
#include <stdint.h>
#include <sys/epoll.h>

struct watch {
  int fd; /* -1: not open */
  uint32_t events; /* what epoll was told; 0 = not registered (HUP would be reported for ever) */
  void (*ready)(struct watch *watch, uint32_t events);
  void *owner;
};

void loop_prepare(void);
/* Sets the events waited for. A file that epoll refuses (a regular file, /dev/null) counts as always ready. */
void loop_want(struct watch *watch, uint32_t events);
/* Forgets and closes the file. */
void loop_close(struct watch *watch);
/* Frees memory that holds watches, once no event that was already fetched can point to it. */
void loop_free(void *memory);
/* Says that a program's output came in a small piece. A program that writes line after line would cost a message for
 * each: once it has done so for a while, and nothing was sent to it meanwhile (loop_heard), the loop lets pieces add up
 * for two milliseconds at a time. An echo, or an answer, is never held up. */
void loop_read_little(void);
void loop_heard(void);
/* Dispatches for ever. */
void loop_run(void) __attribute__((noreturn));
