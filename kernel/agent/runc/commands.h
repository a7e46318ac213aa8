/* The commands of runc: each takes its own words, and returns the exit status. */
#pragma once

int runc_spec(int argc, char **argv);
int runc_run(int argc, char **argv);
int runc_create(int argc, char **argv);
int runc_start(int argc, char **argv);
int runc_state_command(int argc, char **argv);
int runc_kill(int argc, char **argv);
int runc_delete(int argc, char **argv);
int runc_list(int argc, char **argv);
int runc_exec(int argc, char **argv);
int runc_ps(int argc, char **argv);
/* "exactly 1 argument(s)" and the like: whether the number of words is right. */
int runc_wants(const char *command, int count, int least, int most);
