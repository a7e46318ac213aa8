/* Where the terminal of a container goes: to this process's own, or through a socket to who asked for it. */
#pragma once
#include "base/fail.h"
#include "runc/options.h"
#include "runc/start.h"

/* Whether the flags fit the process (runc's checkTerminal). `detaches`: runc does not stay. */
int runc_console_check(const struct runc_options *options, bool tty, bool detaches, struct failure *failure);
/* Finds the terminal that shows it or connects to the socket, whichever is asked for: started->console. */
int runc_console_open(const struct runc_options *options, bool tty, struct runc_started *started,
                      struct failure *failure);
/* Hands the master over, where there is a socket. */
int runc_console_send(const struct runc_options *options, struct runc_started *started, struct failure *failure);
