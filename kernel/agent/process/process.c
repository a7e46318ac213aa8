#include "process/process.h"
#include "container/container.h"

enum { pid_buckets = 64 };
static struct process *by_pid[pid_buckets];

static struct process **find(int pid) {
  struct process **at = &by_pid[pid % pid_buckets];
  while (*at != NULL && (*at)->pid != pid)
    at = &(*at)->next;
  return at;
}

struct process *process_find(int pid) {
  return *find(pid);
}

void process_remember(struct process *process) {
  struct process **at = &by_pid[process->pid % pid_buckets];
  process->next = *at;
  *at = process;
}

void process_each(void (*visit)(struct process *process, void *context), void *context) {
  for (int i = 0; i < pid_buckets; i++)
    for (struct process *process = by_pid[i]; process != NULL; process = process->next)
      visit(process, context);
}

void process_release(struct process *process) {
  struct process **at = find(process->pid);
  if (*at == process) *at = process->next;
  stream_forget(&process->stream);
  loop_close(&process->report);
  loop_close(&process->input);
  loop_close(&process->output[0]);
  loop_close(&process->output[1]);
  queue_free(&process->queue);
  if (process->is_init) container_remove(process->container);
  loop_free(process);
}

void process_finish(struct process *process) {
  if (!process->exited || process->output[0].fd >= 0 || process->output[1].fd >= 0) return;
  stream_close(&process->stream);
  process_release(process);
}
