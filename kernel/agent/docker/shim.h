/* Between the `docker` program and the agent, on /run/drydock/agent.sock (SOCK_SEQPACKET).
 * First messages of the program: a header, cwd, then the words of argv and env, each with its NUL, cut into messages of
 * SHIM_MESSAGE_BYTES; with the first one its files 0, 1, 2. Later ones: one byte each, the number of a signal it got,
 * or SHIM_FOREGROUND. Messages of the agent: u32, an exit code, or SHIM_ASK_FOREGROUND: stop like any reader in the
 * background until the terminal is yours, then answer; or SHIM_TOO_LONG: there is no room for so many words.
 */
#pragma once
#include <stdint.h>

enum { SHIM_FOREGROUND = 0x80, SHIM_MESSAGE_BYTES = 65536 };
#define SHIM_ASK_FOREGROUND 0x80000000u
#define SHIM_TOO_LONG 0x80000001u
#define SHIM_SOCKET "/run/drydock/agent.sock"

struct shim_header {
  uint32_t argc, envc, cwd_size, words_size;
};

int shim_main(int argc, char **argv, char **envp);
