import {
  createContainerSchema,
  emptyEndpoint,
  type ContainerInspect,
  type ContainerStatus,
  type ImageSummary,
  type Network,
  type Volume,
} from '../../protocol/engine-api.ts';
import type { ApiRequestEntry, EngineEventEntry, ExecEntry } from '../../protocol/log.ts';
import type { GuestAnswer, GuestQuery } from '../../protocol/playground.ts';
import type { Observation } from '../check/observation.ts';
import type { EngineSnapshot } from '../facts.ts';
import type { GuestReader } from '../guest-reader.ts';
import type { ProbeAnswer } from '../probe.ts';

export const hex = (seed: string): string => {
  let state = [...seed].reduce((sum, char) => Math.imul(sum ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0, 0x811c9dc5);
  return Array.from({ length: 64 }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 28).toString(16);
  }).join('');
};

export const never = '0001-01-01T00:00:00Z';

export interface ContainerSketch {
  readonly name?: string;
  readonly id?: string;
  readonly image?: string;
  readonly imageId?: string;
  readonly state?: ContainerStatus;
  readonly exitCode?: number;
  readonly created?: string;
  readonly startedAt?: string;
  readonly pid?: number;
  readonly oomKilled?: boolean;
  readonly restartCount?: number;
  readonly health?: string;
  readonly mounts?: ContainerInspect['Mounts'];
  readonly ports?: ContainerInspect['NetworkSettings']['Ports'];
  readonly networks?: Readonly<Record<string, string>>;
  /** As in the body of POST /containers/create. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** GET /containers/{id}/json of a container that is as sketched and otherwise as Docker makes it. */
export function containerFact(sketch: ContainerSketch = {}): ContainerInspect {
  const { name = 'web', image = 'nginx', state = 'running', exitCode = 0 } = sketch;
  const { HostConfig, NetworkingConfig: _networking, ...Config } = createContainerSchema.parse({ Image: image, ...sketch.body });
  const running = state === 'running' || state === 'paused';
  return {
    Id: sketch.id ?? hex(name),
    Created: sketch.created ?? '2026-01-01T00:00:00Z',
    Path: Config.Cmd?.[0] ?? '',
    Args: Config.Cmd?.slice(1) ?? [],
    State: {
      Status: state,
      Running: running,
      Paused: state === 'paused',
      Restarting: false,
      OOMKilled: sketch.oomKilled ?? false,
      Dead: false,
      Pid: running ? (sketch.pid ?? 321) : 0,
      ExitCode: exitCode,
      Error: '',
      StartedAt: sketch.startedAt ?? (state === 'created' ? never : '2026-01-01T00:00:01Z'),
      FinishedAt: state === 'exited' ? '2026-01-01T00:00:02Z' : never,
      ...(sketch.health === undefined ? {} : { Health: { Status: sketch.health, FailingStreak: 0, Log: [] } }),
    },
    Image: sketch.imageId ?? `sha256:${hex(image)}`,
    ResolvConfPath: '',
    HostnamePath: '',
    HostsPath: '',
    LogPath: '',
    Name: `/${name}`,
    RestartCount: sketch.restartCount ?? 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    HostConfig,
    GraphDriver: { Name: 'overlay2', Data: null },
    Mounts: sketch.mounts ?? [],
    Config,
    NetworkSettings: {
      Bridge: '',
      SandboxID: '',
      SandboxKey: '',
      Ports: sketch.ports ?? {},
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      EndpointID: '',
      Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: '',
      IPPrefixLen: 0,
      IPv6Gateway: '',
      MacAddress: '',
      Networks: Object.fromEntries(
        Object.entries(sketch.networks ?? {}).map(([network, address]) => [
          network,
          { ...emptyEndpoint, IPAddress: address, IPPrefixLen: 16 },
        ]),
      ),
    },
  };
}

export function imageFact(name: string, more: Partial<ImageSummary> = {}): ImageSummary {
  return {
    Id: `sha256:${hex(name)}`,
    ParentId: '',
    RepoTags: [`${name}:latest`],
    RepoDigests: [],
    Created: 0,
    Size: 1000,
    SharedSize: -1,
    Labels: null,
    Containers: -1,
    ...more,
  };
}

export function networkFact(name: string, containers: readonly string[] = []): Network {
  return {
    Name: name,
    Id: hex(name),
    Created: never,
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      containers.map((Name) => [hex(Name), { Name, EndpointID: '', MacAddress: '', IPv4Address: '', IPv6Address: '' }]),
    ),
    Options: {},
    Labels: {},
  };
}

export function volumeFact(name: string, more: Partial<Volume> = {}): Volume {
  return {
    Name: name,
    Driver: 'local',
    Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    CreatedAt: '2026-01-01T00:00:00Z',
    Labels: null,
    Scope: 'local',
    Options: null,
    ...more,
  };
}

export function eventFact(
  sequence: number,
  action: string,
  more: Partial<Omit<EngineEventEntry, 'actor'>> & { readonly id?: string; readonly attributes?: Readonly<Record<string, string>> } = {},
): EngineEventEntry {
  const { id = 'a', attributes = {}, ...rest } = more;
  return { kind: 'event', sequence, timeNano: '0', type: 'container', action, actor: { id, attributes }, facts: {}, ...rest };
}

export function requestFact(sequence: number, method: string, path: string, more: Partial<ApiRequestEntry> = {}): ApiRequestEntry {
  return { kind: 'request', sequence, timeNano: '0', transport: 'cli', method, path, query: {}, status: 200, ...more };
}

export function execFact(sequence: number, argv: readonly string[], more: Partial<ExecEntry> = {}): ExecEntry {
  return { kind: 'exec', sequence, timeNano: '0', pid: 9, argv, tty: true, namespaces: {}, ...more };
}

export function snapshotFact(more: Partial<EngineSnapshot> = {}): EngineSnapshot {
  return { sequence: 0, containers: [], images: [], networks: [], volumes: [], ...more };
}

/** A guest of files: contents by `guest:/path` and `container:ID:/path`; a link's target as `-> target`. */
export function guestOf(files: Readonly<Record<string, string>>) {
  const answer = ({ target, op, path }: GuestQuery): GuestAnswer => {
    const place =
      target.kind === 'container' ? `container:${target.container}` : target.kind === 'process' ? `process:${target.pid}` : 'guest';
    const text = files[`${place}:${path}`];
    const inside = Object.keys(files).filter((known) => known.startsWith(`${place}:${path}/`));
    if (op === 'list' && text === undefined && inside.length > 0)
      return { ok: true, op, names: [...new Set(inside.map((known) => known.slice(place.length + path.length + 2).split('/')[0] ?? ''))] };
    if (text === undefined) return { ok: false, op, kind: 'not_found', message: `stat ${path}: no such file or directory` };
    if (op === 'read') return { ok: true, op, text, truncated: false };
    if (op === 'readlink') return { ok: true, op, target: text.replace(/^-> /, '') };
    if (op === 'list') return { ok: true, op, names: [] };
    const zero = { major: 0, minor: 0 };
    return {
      ok: true,
      op,
      stat: { type: 'file', mode: 0o644, uid: 0, gid: 0, size: text.length, inode: 1, device: zero, rdev: zero, modifiedNano: '0' },
    };
  };
  return { inspectGuest: (queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]> => Promise.resolve(queries.map(answer)) };
}

/** What a check reads of such a guest. @param servers what is answered, by `GET 8080/path`; who is not in it refuses the connection */
export function readerOf(files: Readonly<Record<string, string>>, servers: Readonly<Record<string, ProbeAnswer>> = {}): GuestReader {
  const { inspectGuest } = guestOf(files);
  return {
    read: async (query) => (await inspectGuest([query]))[0] ?? { ok: false, op: query.op, kind: 'internal', message: 'no answer' },
    probe: ({ method, port, path }) =>
      Promise.resolve(servers[`${method} ${port}${path}`] ?? { ok: false, message: `localhost:${port}: connection refused` }),
  };
}

export function sceneFact(more: Partial<Observation> = {}): Observation {
  return { engine: snapshotFact(), entry: snapshotFact(), log: [], horizon: 0, answer: null, guest: readerOf({}), now: 0, ...more };
}
