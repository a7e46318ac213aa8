import { rfc3339Nano } from '../../grammar/time.ts';
import { Container, type LockedContainer } from '../containers/container.ts';
import type { Needs } from '../containers/context.ts';
import { unwatchedHealth } from '../containers/health/health.ts';
import { watchHealth } from '../containers/health/monitor.ts';
import { killProbe } from '../containers/health/probe.ts';
import { linkName } from '../containers/links.ts';
import { Exec, type ExecState } from '../containers/run/exec-instance.ts';
import { lost } from '../containers/run/exit-code.ts';
import { leaveNetworks, resumeLeases } from '../containers/run/join-networks.ts';
import { resumePorts, unpublishPorts } from '../containers/run/publish-ports.ts';
import { resumeResolver } from '../containers/run/resolver.ts';
import { releaseGuest, resumeResources } from '../containers/run/resources.ts';
import { resumeRestart } from '../containers/run/restart.ts';
import { supervise } from '../containers/run/supervise.ts';
import { isRunning, transition, type ContainerState } from '../containers/state.ts';
import { ProcessStreams } from '../containers/streams/process-streams.ts';
import { superviseExec } from '../containers/verbs/exec.ts';
import { launch, type StartContext } from '../containers/verbs/start.ts';
import type { RunningProcess } from '../runtime.ts';
import type { ContainerSnapshot } from './container-schema.ts';

/** With its process taken up again where the machine has it, and all it holds. */
export function restoreContainer(context: StartContext, saved: ContainerSnapshot): void {
  const relaunch = (locked: LockedContainer): Promise<void> => launch(context, locked);
  const { id, created, imageId, layers, imageSize, config, command, mounts, name, hostConfig } = saved;
  const identity = { id, created, imageId, layers, imageSize, config, command, mounts };
  const process = adoptProcess(context, saved);
  const container = new Container(identity, name, hostConfig, stateAfter(context, saved, process));
  container.isReleased = saved.isReleased;
  container.restartCount = saved.restartCount;
  container.restartDelay = saved.restartDelay;
  container.health = saved.health;
  container.logs.restore(saved.logs);
  for (const endpoint of saved.endpoints) container.endpoints.set(endpoint.name, endpoint);
  resumeLeases(context.networks, container);
  if (saved.publication !== null) container.publication = { ...saved.publication, listeners: [] };
  container.background.start('ports', () => resumePorts(context, container));
  context.store.reserveName(name, id);
  context.store.add(container);
  if (process !== null) {
    const run = { process, intent: { cancelled: false, restarting: false, stopping: false } };
    container.run = run;
    resumeResources(context, container);
    if (saved.resolver !== null) resumeResolver(context, container, saved.resolver);
    supervise(context, container, run, relaunch);
  } else if (isRunning(saved.state)) {
    container.background.start('end of a run', () => unpublishPorts(context, container));
    leaveNetworks(context.networks, container);
    // Its end was too long ago for the machine to tell again: what it has left is taken away now.
    container.background.start('end of a run', () => container.locked((locked) => releaseGuest(context, locked)));
    if (saved.health !== null) container.health = unwatchedHealth(saved.health);
  }
  for (const exec of saved.execs) restoreExec(context, container, exec);
  if (container.state.status === 'running') watchHealth(context, container);
  if (container.state.status === 'restarting') resumeRestart(context, container, relaunch);
}

/** Once all are there: a name that a link gives is its child's. */
export function restoreLinks({ store }: Needs<'store'>, { id, links }: ContainerSnapshot): void {
  const container = store.byId(id);
  if (container === null) return;
  container.links.push(...links);
  for (const link of links) if (store.byId(link.child.id) !== null) store.reserveName(linkName(container, link), link.child.id);
}

/** null: it did not run, or the restored machine does not have it any more. */
function adoptProcess({ runtime }: Needs<'runtime'>, { handle, state, config }: ContainerSnapshot): RunningProcess | null {
  if (handle === null || !isRunning(state)) return null;
  return runtime.processes.adopt(handle, state.pid, { tty: config.Tty, openStdin: config.OpenStdin });
}

/** A process that is not there any more has ended unseen; a removal was interrupted. */
function stateAfter({ clock }: Needs<'clock'>, { id, state }: ContainerSnapshot, process: RunningProcess | null): ContainerState {
  if (state.status === 'removing') return transition(state, { move: 'remove-failed', error: 'the removal was interrupted' }, id);
  if (process !== null || !isRunning(state)) return state;
  const at = rfc3339Nano(clock.now());
  return transition(state, { move: 'exit', exitCode: lost, oomKilled: false, at, restart: false }, id);
}

function restoreExec(
  context: Parameters<typeof superviseExec>[0] & Needs<'runtime' | 'store'>,
  container: Container,
  { id, config, isProbe, run, exit }: ContainerSnapshot['execs'][number],
): void {
  const streams = new ProcessStreams({ tty: config.Tty, openStdin: config.AttachStdin, closeStdin: true });
  const process =
    run === null ? null : context.runtime.processes.adopt(run.handle, run.pid, { tty: config.Tty, openStdin: config.AttachStdin });
  const over: ExecState =
    exit === null && run === null ? { status: 'created' } : { status: 'exited', exitCode: exit?.exitCode ?? lost, pid: exit?.pid ?? 0 };
  const exec = new Exec(
    { id, containerId: container.id, config, streams, isProbe },
    process === null ? over : { status: 'running', process },
  );
  container.execs.set(id, exec);
  if (process === null) return;
  superviseExec(context, container, exec, process);
  // Who waited for what it finds is gone with the engine before.
  if (isProbe) void killProbe(context, container, exec);
}
