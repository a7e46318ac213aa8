import { AppError, toAppError } from '../../../base/errors.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { Container, ContainerRun, LockedContainer } from '../container.ts';
import { logContainerEvent, type Needs } from '../context.ts';
import { beginHealth, type MonitorContext } from '../health/monitor.ts';
import { startFailure } from '../run/failure.ts';
import { isAddress } from '../../../grammar/address.ts';
import { checkLogStart } from '../log/log-config.ts';
import { logDetails } from '../log/log-details.ts';
import { runcShim, shimOf } from '../checks/runtime-name.ts';
import { markedForRemoval, removeContainer } from './remove.ts';
import { containerSpec } from '../spec/spec.ts';
import { tellJoined } from '../run/join-networks.ts';
import { acquireResources, releaseResources, type ResourcesContext } from '../run/resources.ts';
import { supervise, type RunContext } from '../run/supervise.ts';

type ProcessContext = ResourcesContext & Needs<'next'>;

/** A start needs what its container gets, and what those need who watch it to its end. */
export type StartContext = ProcessContext & RunContext & MonitorContext;

/** POST /containers/{id}/start. @throws AppError not_modified when it runs; Docker's words and exit code 125-127 kept when it cannot start */
export async function startContainer(context: StartContext, reference: string): Promise<void> {
  const container = context.store.find(reference);
  await container.locked((locked) => startLocked(context, locked));
}

/** As `startContainer`. */
export async function startLocked(context: StartContext, container: LockedContainer): Promise<void> {
  // One that waits for its restart counts as running, as Docker's Running flag does.
  if (container.state.status === 'running' || container.state.status === 'restarting')
    throw new AppError('not_modified', `container ${container.id} is already running`);
  if (container.state.status === 'paused') throw new AppError('conflict', 'cannot start a paused container, try unpause instead');
  if (container.state.status === 'removing' || container.state.status === 'dead') {
    throw markedForRemoval();
  }
  container.restartCount = 0;
  container.restartDelay = 0;
  await launch(context, container);
}

/** Starts the first process, for a user or for a restart policy. */
export async function launch(context: StartContext, container: LockedContainer): Promise<void> {
  try {
    const run = await startInTurn(context, container);
    container.run = run;
    container.move({ move: 'start', pid: run.process.pid, at: rfc3339Nano(context.clock.now()) });
    tellJoined(context.networks, container);
    logContainerEvent(context, container, 'start', {}, { pid: run.process.pid });
    supervise(context, container, run, (locked) => launch(context, locked));
    beginHealth(context, container);
  } catch (thrown) {
    const { error, exitCode } = startFailure(toAppError(thrown));
    const wasRestarting = container.state.status === 'restarting';
    container.move({ move: 'fail', exitCode, error: error.message });
    // Who asked for the start is told; who waits for an exit waits on, as with Docker, unless the run it waited for will not come.
    if (wasRestarting) container.waiters.stopped({ exitCode, error: error.message });
    await cleanUpFailedStart(context, container);
    throw error;
  }
}

/** What the start needs is taken, and its time is counted, once its turn has come. @throws the reason of who calls it off before */
async function startInTurn(context: ProcessContext & Needs<'turns'>, container: LockedContainer): Promise<ContainerRun> {
  const waiting = new AbortController();
  container.waitingStart = waiting;
  const begin = (): Promise<ContainerRun> => {
    container.waitingStart = null;
    return startProcess(context, container);
  };
  return context.turns.containers.run(begin, waiting.signal).finally(() => (container.waitingStart = null));
}

async function startProcess(context: ProcessContext, container: LockedContainer): Promise<ContainerRun> {
  refuseDevices(container);
  refuseRuntime(container);
  // False until now: the check of the limits takes it out (verifyPlatformContainerResources).
  container.hostConfig = { ...container.hostConfig, OomKillDisable: null };
  checkLogStart(container.hostConfig.LogConfig);
  await logDetails(container, context.host);
  checkNameservers(container.hostConfig.Dns ?? []);
  const parts = await acquireResources(context, container);
  const process = await context.runtime.processes.start({
    ...containerSpec(context, container, parts),
    next: context.next.draw(container.identity.layers),
  });
  return { process, intent: { cancelled: false, restarting: false, stopping: false } };
}

/** What is left is Docker's: the container with its files, exit code and reason, but no cgroup and no mount; or nothing, with --rm. */
async function cleanUpFailedStart(
  context: Needs<'store' | 'runtime' | 'images' | 'volumes' | 'events' | 'host'>,
  container: LockedContainer,
): Promise<void> {
  const removes = container.hostConfig.AutoRemove;
  await releaseResources(container, { removes });
  container.streams.end();
  container.streams = container.newStreams();
  // Why the start failed matters more than why the removal did, which the dead container's state keeps.
  if (removes) await removeContainer(context, container, { volumes: true }).catch(() => undefined);
}

/** libnetwork/resolvconf, as far as Go's netip.ParseAddr goes. */
function checkNameservers(addresses: readonly string[]): void {
  const wrong = addresses.find((address) => !isAddress(address));
  if (wrong !== undefined) throw new AppError('internal', `bad nameserver address ${wrong}: ParseAddr("${wrong}"): unable to parse IP`);
}

/** containerd's shim of another runtime, which is not installed here. */
function refuseRuntime({ hostConfig: { Runtime: runtime } }: Container): void {
  const shim = shimOf(runtime);
  if (shim === null || shim === runcShim) return;
  const why = `failed to resolve runtime path: runtime "${runtime}" binary not installed "${shim}": file does not exist`;
  throw new AppError('internal', `failed to create task for container: failed to start shim: ${why}`);
}

/** daemon/devices.go: no driver claims a GPU here. */
function refuseDevices({ hostConfig }: Container): void {
  const [request] = hostConfig.DeviceRequests ?? [];
  if (request === undefined) return;
  const capabilities = (request.Capabilities ?? []).map((group) => `[${group.join(' ')}]`).join(' ');
  throw new AppError('internal', `could not select device driver "${request.Driver}" with capabilities: [${capabilities}]`);
}
