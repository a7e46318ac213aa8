import type { z } from 'zod';
import type { BuildCache } from '../build/cache/build-cache.ts';
import type { CacheFolders } from '../build/cache/cache-folders.ts';
import type { Steps } from '../build/solve/steps.ts';
import type { Container } from '../containers/container.ts';
import type { ContainersContext } from '../containers/context.ts';
import type { RestorableEventLog } from '../events/log.ts';
import type { OutsideNetwork } from '../outside/outside.ts';
import { withoutBigints } from './bigints.ts';
import type { containerSchema } from './container-schema.ts';
import { version, type EngineSnapshot } from './schema.ts';

export interface EngineParts {
  readonly context: ContainersContext;
  readonly log: RestorableEventLog;
  /** Absent: nobody builds. */
  readonly steps?: Steps;
  readonly cache?: BuildCache;
  readonly folders?: CacheFolders;
  readonly outside?: OutsideNetwork;
}

export function snapshotEngine({ context, log, steps, cache, folders, outside }: EngineParts): EngineSnapshot {
  const { networks } = context;
  const { entries, ...position } = log.snapshot();
  const { value: containers, bigints } = withoutBigints(context.store.all().map(snapshotContainer));
  return {
    version,
    containers,
    bigints,
    // Leases are their containers'.
    networks: networks.store.all().map(({ leases: _, ...network }) => network),
    bridges: networks.bridges.made(),
    parents: networks.parents.made(),
    next: context.next.snapshot(),
    volumes: context.volumes.snapshot(),
    views: context.views.snapshot(),
    steps: [...(steps?.all() ?? [])],
    buildCache: cache?.snapshot() ?? [],
    goingFolders: [...(folders?.going() ?? [])],
    outside: savedOutside(outside),
    log: { ...position, entries: [...entries] },
  };
}

function savedOutside(outside: OutsideNetwork | undefined): EngineSnapshot['outside'] {
  const saved = outside?.save() ?? null;
  return saved === null ? null : { ...saved, names: saved.names.map(([name, index]): [string, number] => [name, index]) };
}

function snapshotContainer(container: Container): z.input<typeof containerSchema> {
  const { identity, logs } = container;
  const saved = logs.snapshot();
  return {
    ...identity,
    created: identity.created.toString(),
    layers: [...identity.layers],
    command: [...identity.command],
    mounts: [...identity.mounts],
    name: container.name,
    links: [...container.links],
    hostConfig: container.hostConfig,
    state: container.state,
    handle: container.run?.process.handle ?? null,
    resolver: container.resolver?.handle ?? null,
    endpoints: [...container.endpoints.values()],
    publication: publicationOf(container),
    isReleased: container.isReleased,
    restartCount: container.restartCount,
    restartDelay: container.restartDelay,
    health: container.health,
    logs: { ...saved, chunks: saved.chunks.map(([time, count, bytes]): [string, number, string] => [time, count, bytes]) },
    execs: [...container.execs.values()].map(({ id, config, isProbe, state }) => ({
      id,
      config,
      isProbe,
      run: state.status === 'running' ? { handle: state.process.handle, pid: state.process.pid } : null,
      exit: state.status === 'exited' ? { exitCode: state.exitCode, pid: state.pid } : null,
    })),
  };
}

function publicationOf({ publication }: Container): EngineSnapshot['containers'][number]['publication'] {
  if (publication === null) return null;
  const { networks, ports, rules } = publication;
  return { networks, ports: [...ports], rules: [...rules] };
}
