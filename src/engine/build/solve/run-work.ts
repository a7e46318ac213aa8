/** RUN as a step of a plan (moby/buildkit: solver/llbsolver/ops/exec.go). */
import { utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import type { ContainerMount } from '../../containers/mounts/mount.ts';
import { digestOf } from '../../content/verified.ts';
import { randomId } from '../../random.ts';
import type { Mount, RunStep } from '../plan/model.ts';
import { runStep, type RanStep, type StepContext } from './run-step.ts';
import type { StepWork } from './solve.ts';
import type { WatchedVertex } from './watched.ts';

/** Where a mount shows files: layers, topmost first, and what of them. */
export interface MountedLayers {
  readonly directories: readonly string[];
  /** Of what is in them. */
  readonly digest: string;
}

export interface RunSurroundings {
  /** Directories of the layers below, topmost first. */
  readonly layers: readonly string[];
  readonly network: string;
  readonly host: Partial<HostConfig>;
  /** What each mount of type bind shows, in their order. */
  readonly shown: ReadonlyMap<Mount, MountedLayers>;
}

/** @throws AppError invalid for what cannot be */
export function runWork(context: StepContext, step: RunStep, surroundings: RunSurroundings): StepWork {
  const { shown } = surroundings;
  const mounts = step.mounts.map((mount) => ({ mount, target: containerMount(context, mount, shown) }));
  const read = step.mounts.map((mount) => ({ ...mount, from: shown.get(mount)?.digest ?? '' }));
  const { arguments: command, environment, user, folder, program } = step;
  const network = networkOf(step.network, surroundings.network);
  const digest = digestOf(
    utf8(JSON.stringify(['run', command, environment, user, folder, network, hostDigest(surroundings.host), program, read])),
  );
  return {
    digest,
    description: `mount / from exec ${command.join(' ')}`,
    perform: (vertex, signal) =>
      perform(context, { step, surroundings, network, mounts: mounts.map(({ target }) => target), vertex, signal }),
  };
}

interface Performance {
  readonly step: RunStep;
  readonly surroundings: RunSurroundings;
  readonly network: 'bridge' | 'host' | 'none';
  readonly mounts: readonly ContainerMount[];
  readonly vertex: WatchedVertex;
  readonly signal: AbortSignal;
}

async function perform(context: StepContext, { step, surroundings, network, mounts, vertex, signal }: Performance): Promise<RanStep> {
  const { layers, host } = surroundings;
  const { program, proxy } = step;
  const ran = await runStep(
    context,
    {
      layers,
      command: step.arguments,
      env: [...proxy].map(([name, value]) => `${name}=${value}`).concat(step.environment),
      user: step.user,
      workingDirectory: step.folder,
      network,
      host,
      mounts,
      files: program === null ? [] : [{ path: program.path, mode: 0o755, contents: utf8(program.content) }],
      output: (chunk) => vertex.log(chunk),
    },
    signal,
  );
  const { code } = ran.exit;
  if (code === 0) return ran;
  await ran.discard();
  const command = step.arguments.join(' ');
  throw new AppError('invalid', `process ${JSON.stringify(command)} did not complete successfully: exit code: ${code}`, {
    detail: { exitCode: code, command },
  });
}

/** What of it a step's result may depend on. */
function hostDigest({
  ExtraHosts: hosts,
  ShmSize: shm = 0,
  Ulimits: ulimits,
  CgroupParent: parent = '',
}: Partial<HostConfig>): readonly string[] {
  const limits = (ulimits ?? []).map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`);
  return [parent, String(shm), limits.join(), ...(hosts ?? [])];
}

/** @param step of `RUN --network` @param build of `docker build --network`, which allows the host's to its steps */
function networkOf(step: RunStep['network'], build: string): 'bridge' | 'host' | 'none' {
  if (step === 'host' && build !== 'host') throw new AppError('forbidden', 'failed to load LLB: network.host is not allowed');
  const name = step === 'default' ? build : step;
  if (name === 'host' || name === 'none') return name;
  if (name === '' || name === 'default' || name === 'bridge') return 'bridge';
  throw new AppError(
    'invalid',
    `network mode ${JSON.stringify(name)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
  );
}

function containerMount({ random }: StepContext, mount: Mount, shown: RunSurroundings['shown']): ContainerMount {
  switch (mount.type) {
    case 'bind': {
      const { target, source, isReadOnly } = mount;
      if (!isReadOnly) throw new AppError('unavailable', 'RUN --mount=type=bind,rw: writing to what is mounted is not there yet');
      const layers = shown.get(mount)?.directories ?? [];
      const subpath = source.replace(/^\/+/, '');
      return { type: 'image', name: '', imageId: '', target, subpath, layers, id: randomId(random) };
    }
    case 'tmpfs': {
      const { target, size, isReadOnly: readOnly } = mount;
      return { type: 'tmpfs', target, options: size > 0 ? `size=${size}` : '', readOnly, listed: false };
    }
    case 'cache':
      throw new AppError('unavailable', 'RUN --mount=type=cache: a folder that builds share is not there yet');
    case 'secret':
      throw new AppError('invalid', `secret ${mount.id}: not found`);
  }
}
