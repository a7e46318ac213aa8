import type { ExecConfig } from '../../../protocol/engine-api.ts';
import type { ProcessSpec, TerminalSize } from '../../runtime.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { overrideVariables, processEnvironment, withoutEmptyHome } from './environment.ts';
import { linkedTo, linkVariables } from './links.ts';
import { rlimits } from './rlimits.ts';
import { confinement, windowSide } from './spec.ts';
import { plainUser } from './user.ts';

/** What the agent needs to run a process in a container: daemon/exec_linux.go. @param consoleSize of the start; null: of the exec */
export function execProcess(
  context: Needs<'store' | 'networks'>,
  container: Container,
  { exec, consoleSize }: { readonly exec: ExecConfig; readonly consoleSize: TerminalSize | null },
): ProcessSpec {
  const { config, hostConfig } = container;
  const [rows = 0, columns = 0] = exec.ConsoleSize ?? [];
  const linked = linkedTo(context, container).flatMap(linkVariables);
  const environment = processEnvironment({ hostname: config.Hostname, tty: exec.Tty, env: config.Env ?? [], linked });
  return {
    args: exec.Cmd ?? [],
    env: withoutEmptyHome(overrideVariables(environment, exec.Env ?? [])),
    cwd: exec.WorkingDir !== '' ? exec.WorkingDir : config.WorkingDir === '' ? '/' : config.WorkingDir,
    user: plainUser(exec.User === '' ? config.User : exec.User),
    groups: (hostConfig.GroupAdd ?? []).map((group) => plainUser(group)),
    tty: exec.Tty ? 1 : 0,
    openStdin: exec.AttachStdin ? 1 : 0,
    rows: consoleSize?.rows ?? windowSide(rows),
    columns: consoleSize?.columns ?? windowSide(columns),
    ...confinement(container, exec.Privileged),
    rlimits: rlimits(hostConfig.Ulimits),
    oomScoreAdj: Number(hostConfig.OomScoreAdj) >>> 0,
  };
}
