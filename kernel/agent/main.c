/* One program, four names: `docker` (shim.c), `docker-init` (docker_init.c), `runc` (runc.c), and PID 1 of the guest.
 */
#include "base/text.h"
#include "container/cgroup.h"
#include "container/init_layer.h"
#include "docker/cli.h"
#include "docker/docker_init.h"
#include "docker/shim.h"
#include "docker/socket.h"
#include "files/files.h"
#include "files/mountapi.h"
#include "idle/idle.h"
#include "loop/loop.h"
#include "process/children.h"
#include "runc/runc.h"
#include "verbs/quiesce.h"
#include "verbs/verbs.h"
#include "wire/channel.h"
#include "wire/hello.h"
#include "wire/stream.h"
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

static void say(const char *text) {
  char line[512];
  size_t size = text_format(line, sizeof line, "agent: %s\n", text);
  sys_write(2, line, size);
}

/* docker-init in containers is this program, from a read-only mount: /proc/1/exe must not lead to something writable.
 */
static bool offer_init(void) {
  static const char path[] = "/run/drydock/docker-init";
  int program = (int)SYS(SYS_open_tree, AT_FDCWD, "/proc/self/exe", TREE_CLONE | O_CLOEXEC);
  if (program < 0) return false;
  bool offered = mount_set(program, "", 0x1000 /* AT_EMPTY_PATH */, ATTR_RDONLY, 0) == 0;
  files_put(AT_FDCWD, path, O_CREAT, 0755, "", 0);
  if (offered) offered = SYS(SYS_move_mount, program, "", AT_FDCWD, path, MOVE_FROM_FILE) == 0;
  sys_close(program);
  return offered;
}

/* PID 1 itself runs from there, too: what a container sees as the program of a process that enters it is never a file
 * that could be written (CVE-2019-5736). */
static void run_from_read_only(char **argv, char **envp) {
  struct statfs system;
  if (statfs("/proc/self/exe", &system) == 0 && (system.f_flags & ST_RDONLY) != 0) return;
  if (offer_init() && SYS(SYS_getpid) == 1) SYS(SYS_execve, "/run/drydock/docker-init", argv, envp);
}

static void raise_file_limit(void) {
  uint64_t files[2] = {65536, 1048576};
  SYS(SYS_prlimit64, 0, RLIMIT_NOFILE, files, NULL);
}

static void *read_channel(void *argument) {
  struct failure failure;
  (void)argument;
  channel_run(stream_receive, &failure);
  say(failure.message);
  /* Without the channel nothing here has a purpose; PID 1 may not end. */
  if (SYS(SYS_getpid) != 1) SYS(SYS_exit_group, 1);
  return NULL;
}

struct options {
  const char *sockets; /* folder of agent.sock and docker.sock */
  int channel; /* an inherited socket in place of the 9p file */
};

/* Tests run the agent beside others: `agent --channel FD --cgroup PATH --sockets PATH`. */
static struct options parse(int argc, char **argv) {
  struct options options = {"", -1};
  for (int i = 1; i + 1 < argc; i += 2) {
    uint64_t number;
    if (strcmp(argv[i], "--channel") == 0 && text_number(argv[i + 1], 65535, &number)) options.channel = (int)number;
    if (strcmp(argv[i], "--cgroup") == 0) cgroup_use(argv[i + 1]);
    if (strcmp(argv[i], "--sockets") == 0) options.sockets = argv[i + 1];
  }
  return options;
}

static int listen_all(const struct options *options, struct failure *failure) {
  static char agent[256], docker[256];
  bool own = *options->sockets != '\0';
  text_format(agent, sizeof agent, "%s", SHIM_SOCKET);
  text_format(docker, sizeof docker, "%s", "/var/run/docker.sock");
  if (own) text_format(agent, sizeof agent, "%s/agent.sock", options->sockets);
  if (own) text_format(docker, sizeof docker, "%s/docker.sock", options->sockets);
  return cli_listen(agent, failure) < 0 ? -1 : socket_listen(docker, failure);
}

static int agent_main(int argc, char **argv, char **envp) {
  static const char channel[] = "/run/drydock/host/channel";
  struct failure failure;
  struct options options = parse(argc, argv);
  pthread_t reader;
  /* A container that executes this program of all (/proc/self/exe) has nothing to be agent of. */
  if (options.channel < 0 && SYS(SYS_faccessat, AT_FDCWD, channel, 0) < 0) {
    say("there is no channel to a host");
    return 1;
  }
  /* Children share this memory until they exec, inside containers: nobody there may look into it. */
  SYS(SYS_prctl, PR_SET_DUMPABLE, 0);
  SYS(SYS_umask, 022);
  files_make_directory(AT_FDCWD, "/run/drydock/containers", 0711);
  run_from_read_only(argv, envp);
  loop_prepare();
  verbs_serve();
  children_prepare();
  if (init_layer_make("/run/drydock/init-layer", &failure) < 0) say(failure.message);
  raise_file_limit();
  quiesce_prepare();
  if (listen_all(&options, &failure) < 0) say(failure.message);
  if (channel_open(channel, options.channel, &failure) < 0) {
    say(failure.message);
    return 1;
  }
  channel_lock();
  hello_send();
  channel_unlock();
  idle_disturb();
  pthread_create(&reader, NULL, read_channel, NULL);
  loop_run();
}

int main(int argc, char **argv, char **envp) {
  const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
  const char *name = slash != NULL ? slash + 1 : argc > 0 ? argv[0] : "";
  if (strcmp(name, "docker") == 0) return shim_main(argc, argv, envp);
  if (strcmp(name, "runc") == 0) return runc_main(argc, argv, envp);
  if (strcmp(name, "docker-init") == 0) return docker_init_main(argc, argv);
  return agent_main(argc, argv, envp);
}
