/** RUN as a step of a plan (moby/buildkit: solver/llbsolver/ops/exec.go). */
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import type { HostConfig } from '../../../protocol/engine-api.ts';
import { cleanFromRoot } from '../../../grammar/clean-path.ts';
import type { BindMount, ContainerMount } from '../../containers/mounts/mount.ts';
import { digestOf } from '../../content/verified.ts';
import { randomId } from '../../random.ts';
import type { Mount, RunStep } from '../plan/model.ts';
import { keyOf, type CacheMounts, type CacheMountUse } from '../cache/cache-mounts.ts';
import { runStep, type RanStep, type StepContext, type StepFile } from './run-step.ts';
import type { StepWork } from './solve.ts';
import type { WatchedVertex } from './watched.ts';

/** Where a mount shows files: layers, topmost first, and what of them. */
export interface MountedLayers {
  readonly directories: readonly string[];
  /** Of what is in them. */
  readonly digest: string;
  /** ID of the cache's record of the topmost; ''. */
  readonly record: string;
}

/** What a step of a build may ask for by name. */
export type Secrets = ReadonlyMap<string, Uint8Array>;

export interface RunSurroundings {
  /** Directories of the layers below, topmost first. */
  readonly layers: readonly string[];
  readonly network: string;
  readonly host: Partial<HostConfig>;
  /** What each mount of type bind shows, and each of type cache begins with. */
  readonly shown: ReadonlyMap<Mount, MountedLayers>;
  readonly secrets: Secrets;
}

export type RunContext = StepContext & { readonly cacheMounts: CacheMounts };

/** @throws AppError invalid for what cannot be */
export function runWork(context: RunContext, step: RunStep, surroundings: RunSurroundings): StepWork {
  const { shown } = surroundings;
  const read = step.mounts.map((mount) => ({ ...mount, from: shown.get(mount)?.digest ?? '' }));
  const { arguments: command, environment, user, folder, program } = step;
  const network = networkOf(step.network, surroundings.network);
  const digest = digestOf(
    utf8(JSON.stringify(['run', command, environment, user, folder, network, hostDigest(surroundings.host), program, read])),
  );
  return {
    digest,
    description: `mount / from exec ${command.join(' ')}`,
    perform: (vertex, signal) => perform(context, { step, surroundings, network, vertex, signal }),
  };
}

interface Performance {
  readonly step: RunStep;
  readonly surroundings: RunSurroundings;
  readonly network: 'bridge' | 'host' | 'none';
  readonly vertex: WatchedVertex;
  readonly signal: AbortSignal;
}

async function perform(context: RunContext, performance: Performance): Promise<RanStep> {
  const uses = new CacheUses(context, performance);
  try {
    const mounts: ContainerMount[] = [];
    for (const mount of performance.step.mounts) mounts.push(...(await containerMounts(context, mount, { performance, uses })));
    return await performWith(context, performance, mounts);
  } finally {
    await uses.release();
  }
}

async function performWith(
  context: RunContext,
  { step, surroundings, network, vertex, signal }: Performance,
  mounts: readonly ContainerMount[],
): Promise<RanStep> {
  const { layers, host, secrets } = surroundings;
  const { program, proxy } = step;
  const written = program === null ? [] : [{ path: program.path, mode: 0o755, contents: utf8(program.content) }];
  const told = secretsOf(step, secrets);
  const ran = await runStep(
    context,
    {
      layers,
      command: step.arguments,
      env: [...[...proxy].map(([name, value]) => `${name}=${value}`), ...step.environment, ...told.env],
      user: step.user,
      workingDirectory: step.folder,
      network,
      host,
      mounts,
      files: [...written, ...told.files],
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

/** @throws AppError invalid for one that is needed and was not given */
function secretsOf({ mounts }: RunStep, secrets: Secrets): { readonly env: readonly string[]; readonly files: readonly StepFile[] } {
  const env: string[] = [];
  const files: StepFile[] = [];
  for (const mount of mounts) {
    if (mount.type !== 'secret') continue;
    const contents = secrets.get(mount.id);
    if (contents === undefined && mount.isRequired) throw new AppError('invalid', `secret ${mount.id}: not found`);
    if (contents === undefined) continue;
    const { target, variable, owner } = mount;
    if (variable !== null) env.push(`${variable}=${fromUtf8(contents)}`);
    if (target !== null)
      files.push({ path: cleanFromRoot(target), mode: owner.mode ?? 0o400, uid: owner.uid ?? 0, gid: owner.gid ?? 0, contents });
  }
  return { env, files };
}

interface Mounting {
  readonly performance: Performance;
  readonly uses: CacheUses;
}

async function containerMounts(context: RunContext, mount: Mount, { performance, uses }: Mounting): Promise<readonly ContainerMount[]> {
  switch (mount.type) {
    case 'bind': {
      const { target, source, isReadOnly } = mount;
      const layers = performance.surroundings.shown.get(mount)?.directories ?? [];
      const subpath = source.replace(/^\/+/, '');
      const id = randomId(context.random);
      return [{ type: 'image', name: '', imageId: '', target, subpath, layers, id, writable: !isReadOnly }];
    }
    case 'tmpfs': {
      const { target, size, isReadOnly: readOnly } = mount;
      return [{ type: 'tmpfs', target, options: size > 0 ? `size=${size}` : '', readOnly, listed: false }];
    }
    case 'cache':
      return [folderMount(await uses.folderOf(mount), mount)];
    case 'secret':
      return [];
  }
}

type CacheMount = Extract<Mount, { readonly type: 'cache' }>;

function folderMount(source: string, { target, isReadOnly: readOnly }: CacheMount): BindMount {
  const plain = { mode: '', propagation: 'rprivate', recursive: true, readOnlyBelow: false, contradictory: false, creates: false } as const;
  return { type: 'bind', source, target, readOnly, ...plain };
}

/** Folders that one step has, each once. */
class CacheUses {
  readonly #context: RunContext;
  readonly #performance: Performance;
  readonly #uses = new Map<string, CacheMountUse>();

  constructor(context: RunContext, performance: Performance) {
    this.#context = context;
    this.#performance = performance;
  }

  async folderOf(mount: CacheMount): Promise<string> {
    const { step, surroundings, signal } = this.#performance;
    const seed = surroundings.shown.get(mount) ?? null;
    const { id, sharing, owner, source, target } = mount;
    const request = {
      id,
      sharing,
      owner,
      seed: seed === null ? null : { layers: seed.directories, path: source },
      from: seed?.digest ?? '',
      parent: seed?.record ?? '',
      description: `cached mount ${target} from exec ${step.arguments.join(' ')} with id "/${id}"`,
    };
    const key = keyOf(request);
    const use = this.#uses.get(key) ?? (await this.#context.cacheMounts.use(request, signal));
    this.#uses.set(key, use);
    return use.folder;
  }

  async release(): Promise<void> {
    await Promise.all([...this.#uses.values()].map((use) => use.release()));
  }
}
