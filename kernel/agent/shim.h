/* Between the `docker` program and the agent, on /run/drydock/agent.sock (SOCK_SEQPACKET).
 * First message of the program: a header, cwd, then the words of argv and env, each with its NUL; with it its files 0,
 * 1, 2. Later ones: one byte each, the number of a signal it got, or SHIM_FOREGROUND. Messages of the agent: u32, an
 * exit code, or SHIM_ASK_FOREGROUND: stop like any reader in the background until the terminal is yours, then answer.
 */
#pragma once
#include <stdint.h>

enum { SHIM_FOREGROUND = 0x80, SHIM_MAX_BYTES = 65000 };
#define SHIM_ASK_FOREGROUND 0x80000000u
#define SHIM_SOCKET "/run/drydock/agent.sock"

struct shim_header {
  uint32_t argc, envc, cwd_size;
};

int shim_main(int argc, char **argv, char **envp);
