import type { ExecInspect } from '../../../protocol/engine-api.ts';
import type { Needs } from '../context.ts';

/** GET /exec/{id}/json */
export function inspectExec(context: Needs<'store'>, id: string): ExecInspect {
  const { exec } = context.store.findExec(id);
  const { config, state, containerId } = exec;
  const [entrypoint = '', ...rest] = config.Cmd ?? [];
  return {
    ID: id,
    Running: state.status === 'running',
    ExitCode: state.status === 'exited' ? state.exitCode : null,
    ProcessConfig: {
      tty: config.Tty,
      entrypoint,
      arguments: rest,
      privileged: config.Privileged,
      ...(config.User === '' ? {} : { user: config.User }),
    },
    OpenStdin: config.AttachStdin,
    OpenStderr: config.AttachStderr,
    OpenStdout: config.AttachStdout,
    // Docker's collector of old execs sets it minutes later, on its way to remove them.
    CanRemove: false,
    ContainerID: containerId,
    DetachKeys: config.DetachKeys,
    Pid: state.status === 'running' ? state.process.pid : state.status === 'exited' ? state.pid : 0,
  };
}
