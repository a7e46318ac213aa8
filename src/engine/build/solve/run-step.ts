/** `RUN`: a process over a stack of layers, in a container that nobody else sees; what it writes is the next layer. */
import { createContainerSchema, type HostConfig } from '../../../protocol/engine-api.ts';
import { unlessAborted } from '../../background.ts';
import { Container, type LockedContainer } from '../../containers/container.ts';
import { cgroupOf, imageFolder, overlayDirectories, type Needs } from '../../containers/context.ts';
import { isImage, type ContainerMount } from '../../containers/mounts/mount.ts';
import { acquireResources, releaseResources, type ResourcesContext } from '../../containers/run/resources.ts';
import { defaultPath, overrideVariables, withoutEmptyHome } from '../../containers/spec/environment.ts';
import { containerSpec } from '../../containers/spec/spec.ts';
import type { OutputChunk } from '../../containers/streams/output-hub.ts';
import { completeHostConfig } from '../../containers/verbs/create.ts';
import { newEndpoint, nothingAsked } from '../../networks/endpoint.ts';
import type { ProcessExit, RunningProcess } from '../../runtime.ts';
import { isFile, isFolder } from './place.ts';
import type { Step, Steps } from './steps.ts';
import type { WrittenStep } from './write-step.ts';

/** What BuildKit's executor calls the host of its containers. */
const hostname = 'buildkitsandbox';

export type StepContext = ResourcesContext & Needs<'next' | 'turns' | 'changes'> & { readonly steps: Steps };

export interface StepFile {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly contents: Uint8Array;
}

export interface StepRequest {
  /** Directories of the layers below, topmost first. They stay while the step runs. */
  readonly layers: readonly string[];
  /** Program and arguments. */
  readonly command: readonly string[];
  /** NAME=VALUE; PATH has a default. */
  readonly env: readonly string[];
  /** "user", "uid:gid" …; '' is root. */
  readonly user: string;
  /** '' is "/"; made where it is missing. */
  readonly workingDirectory: string;
  readonly network: 'bridge' | 'host' | 'none';
  /** `--add-host`, `--shm-size`, `--ulimit`, `--cgroup-parent` and limits of the classic builder. */
  readonly host: Partial<HostConfig>;
  readonly mounts: readonly ContainerMount[];
  /** Mounted where `path` says; they are no part of what it wrote. */
  readonly files?: readonly StepFile[];
  /** Both streams as they come; it must not take long. */
  readonly output: (chunk: OutputChunk) => void;
}

export interface RanStep extends WrittenStep {
  readonly exit: ProcessExit;
}

/**
 * Runs it to its end, whatever its exit code.
 * @throws AppError what `docker run` says of a start that fails; the signal's reason when it is called off. Nothing is left in the guest then
 */
export async function runStep(heard: StepContext, request: StepRequest, signal: AbortSignal): Promise<RanStep> {
  // Networks do not tell of it, as BuildKit's executor asks libnetwork itself.
  const context = { ...heard, networks: { ...heard.networks, events: { append: () => undefined } } };
  const container = newContainer(context, request);
  const step = { id: container.id, cgroup: cgroupOf(container), folders: layersOf(context, request.mounts) };
  context.steps.add(step);
  try {
    const start = (): Promise<RunningProcess> => container.locked((locked) => startProcess(context, locked, request.files ?? []));
    const process = await context.turns.containers.run(() => context.changes.run(start), signal);
    const exit = await follow(context, container, { process, output: request.output, signal, step });
    if (context.steps.has(step)) await release(context, container, { removes: false });
    const { upper } = overlayDirectories(context.host, container.id);
    if (context.steps.has(step)) await removeStubs(context, upper, request);
    return { exit, written: { container: container.id, upper, moves: true }, discard: () => context.steps.end(context, step) };
  } catch (thrown) {
    // Why it failed matters more than why it could not be cleared away.
    await discard(context, container, step).catch(() => undefined);
    throw thrown;
  }
}

/** Of images that are mounted: each has a layer of its own. */
function layersOf({ host }: Needs<'host'>, mounts: readonly ContainerMount[]): string[] {
  return mounts.filter(isImage).map((mount) => imageFolder(host, mount));
}

function newContainer(
  context: StepContext,
  { layers, command, env, user, workingDirectory, network, host, mounts }: StepRequest,
): Container {
  const { HostConfig: plain, NetworkingConfig: _, ...config } = createContainerSchema.parse({});
  const identity = {
    id: context.next.take(layers),
    created: context.clock.now(),
    imageId: '',
    layers,
    imageSize: 0,
    config: { ...config, Hostname: hostname, Env: [...env], User: user, WorkingDir: workingDirectory },
    command,
    mounts,
  };
  const hostConfig = completeHostConfig(context, { ...plain, ...host, NetworkMode: network, CgroupParent: cgroupParent(host) });
  const container = new Container(identity, '', { ...hostConfig, OomKillDisable: null, Links: null });
  container.endpoints.set(network, newEndpoint(network, nothingAsked));
  return container;
}

/** Where BuildKit's executor has its containers, below what `--cgroup-parent` says. */
function cgroupParent({ CgroupParent: parent = '' }: StepRequest['host']): string {
  return `${parent === '' ? '/docker' : parent}/buildkit`;
}

async function startProcess(context: StepContext, container: LockedContainer, files: readonly StepFile[]): Promise<RunningProcess> {
  const spec = containerSpec(context, container, await acquireResources(context, container));
  // Unlike a container of `docker run` it is not told its host name.
  const env = withoutEmptyHome(overrideVariables([defaultPath], container.config.Env ?? []));
  return context.runtime.processes.start({
    ...spec,
    files: [...(spec.files ?? []), ...files],
    process: { ...spec.process, env },
    next: '',
  });
}

interface Following {
  readonly step: Step;
  readonly process: RunningProcess;
  readonly output: (chunk: OutputChunk) => void;
  readonly signal: AbortSignal;
}

async function follow(
  { clock, runtime, steps }: StepContext,
  container: Container,
  { process, output, signal, step }: Following,
): Promise<ProcessExit> {
  const drained = container.streams.connect(process, { clock, signal, keep: output });
  const exit = await unlessAborted(process.exited, signal);
  if (exit !== null) {
    await drained;
    return exit;
  }
  if (steps.has(step)) {
    // One that is gone by itself meanwhile needs no signal.
    await runtime.processes.signal(container.id, sigkill).catch(() => undefined);
    await process.exited.catch(() => undefined);
  }
  throw signal.reason;
}

const sigkill = 9;

/**
 * Where something was mounted that the layers below do not have, an empty folder or file is left, and the folders on the way: no part of what the step wrote
 * (moby/buildkit: executor, MountStubsCleaner).
 */
async function removeStubs(context: StepContext, upper: string, { mounts, files = [] }: StepRequest): Promise<void> {
  const targets = [...mounts.map(({ target }) => target), ...files.map(({ path }) => path)];
  // What is deeper goes first.
  for (const target of targets.toSorted((one, other) => other.length - one.length))
    for (let path = target, isTarget = true; path !== '' && path !== '/'; path = path.slice(0, path.lastIndexOf('/')), isTarget = false)
      if (await isStub(context, { upper, path, isTarget }))
        await context.changes.run(() => context.runtime.files.write({ remove: [`${upper}${path}`] }));
      else break;
}

interface Place {
  readonly upper: string;
  readonly path: string;
  /** Not one on the way to it. */
  readonly isTarget: boolean;
}

async function isStub({ runtime }: StepContext, { upper, path, isTarget }: Place): Promise<boolean> {
  const [found, listed] = await runtime.facts.inspect([
    { op: 'lstat', path, root: upper },
    { op: 'list', path, root: upper },
  ]);
  const stat = found?.stat ?? null;
  if (stat === null) return false;
  if (isFolder(stat)) return (listed?.names ?? []).length === 0 && (isTarget || ((stat.mode & 0o7777) === 0o755 && stat.uid === 0));
  return isTarget && isFile(stat) && stat.size === 0;
}

function release({ changes }: StepContext, container: Container, ending: { readonly removes: boolean }): Promise<void> {
  return changes.run(() => container.locked((locked) => releaseResources(locked, ending)));
}

async function discard(context: StepContext, container: Container, step: Step): Promise<void> {
  // The engine was restored meanwhile.
  if (!context.steps.has(step)) return;
  await release(context, container, { removes: true });
  await context.steps.end(context, step);
}
