#include "runc/runc.h"
#include "base/sys.h"
#include "runc/commands.h"
#include "runc/say.h"
#include "runc/state.h"
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
  const char *use, *short_;
} commands[] = {
    {"create", runc_create, "[--bundle DIR] [--console-socket PATH] [--pid-file FILE] <container-id>",
     "create a container"},
    {"delete", runc_delete, "[--force] <container-id>", "delete any resources held by the container"},
    {"exec", runc_exec,
     "[-t] [-d] [--console-socket PATH] [-e VAR=VALUE] [--cwd DIR] [-u UID] <container-id> <command> [args]",
     "execute new process inside the container"},
    {"kill", runc_kill, "[--all] <container-id> [signal]",
     "kill sends the specified signal (default: SIGTERM) to the container's init process"},
    {"list", runc_list, "[-q] [--format table|json]", "lists containers started by runc with the given root"},
    {"ps", runc_ps, "[--format table|json] <container-id>", "ps displays the processes running inside a container"},
    {"run", runc_run, "[--bundle DIR] [--console-socket PATH] [--detach] [--keep] [--pid-file FILE] <container-id>",
     "create and run a container"},
    {"spec", runc_spec, "[--bundle DIR]", "create a new specification file"},
    {"start", runc_start, "<container-id>", "executes the user defined process in a created container"},
    {"state", runc_state_command, "<container-id>", "output the state of a container"},
};
enum { command_count = sizeof commands / sizeof commands[0] };

static int help(void) {
  print("NAME:\n   runc - Open Container Initiative runtime (Drydock's agent)\n\n"
        "USAGE:\n   runc [--root DIR] command [command options] [arguments...]\n\nCOMMANDS:\n");
  for (int i = 0; i < command_count; i++) {
    print("   %s", commands[i].name);
    for (size_t at = strlen(commands[i].name); at < 10; at++)
      print(" ");
    print("%s\n", commands[i].short_);
  }
  print("\nGLOBAL OPTIONS:\n   --root value  root directory for storage of container state (default: \"/run/runc\")\n");
  return 0;
}

static int command_help(int index) {
  print("NAME:\n   runc %s - %s\n\nUSAGE:\n   runc %s %s\n", commands[index].name, commands[index].short_,
        commands[index].name, commands[index].use);
  return 0;
}

static bool asks_help(int argc, char **argv) {
  for (int i = 0; i < argc && argv[i][0] == '-'; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) return true;
  return false;
}

static int run(int index, int argc, char **argv) {
  if (asks_help(argc, argv)) return command_help(index);
  if (geteuid() != 0) {
    say_error("rootless containers are not supported here: runc wants to be root");
    return 1;
  }
  return commands[index].run(argc, argv);
}

int runc_main(int argc, char **argv, char **envp) {
  (void)envp;
  /* Children may share this memory until they exec, inside containers: nobody there may look into it. */
  SYS(SYS_prctl, PR_SET_DUMPABLE, 0);
  int at = 1;
  for (; at < argc && argv[at][0] == '-'; at++) {
    const char *word = argv[at];
    if (strcmp(word, "--root") == 0 && at + 1 < argc)
      runc_state_use(argv[++at]);
    else if (strcmp(word, "--version") == 0 || strcmp(word, "-v") == 0)
      return print("runc version 1.1.5 (Drydock's agent)\nspec: 1.0.2-dev\n"), 0;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
      return help();
    else if (strcmp(word, "--debug") != 0) {
      say_error("flag provided but not defined: %s", word + (word[1] == '-' ? 1 : 0));
      return 1;
    }
  }
  if (at >= argc || strcmp(argv[at], "help") == 0) return help();
  for (int i = 0; i < command_count; i++)
    if (strcmp(commands[i].name, argv[at]) == 0) return run(i, argc - at - 1, argv + at + 1);
  say_error("No help topic for '%s'", argv[at]);
  return 3;
}
