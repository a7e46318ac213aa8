import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { EngineSnapshot } from '../facts.ts';
import { lazily } from '../format/lazily.ts';
import { matcher } from '../format/matcher.ts';
import { imageAliases } from '../references.ts';
import type { Reading } from './match.ts';
import { containerName } from './observation.ts';

export const text = (value: string): Reading => ({ kind: 'text', value });
export const number = (value: number): Reading => ({ kind: 'number', value });
export const bytes = (value: number): Reading => ({ kind: 'bytes', value });
export const boolean = (value: boolean): Reading => ({ kind: 'boolean', value });
export const list = (value: readonly string[] | null): Reading => ({ kind: 'list', value: value ?? [] });

/** The fields of a container that have one value each. */
export const containerFieldShape = /* @__PURE__ */ lazily(() => ({
  name: matcher().optional().describe('Name without the leading slash.'),
  id: matcher().optional().describe('The 64 hexadecimal digits.'),
  image: matcher()
    .optional()
    .describe('Image reference, normalised: nginx is docker.io/library/nginx:latest. An id of the same image matches too.'),
  state: matcher().optional().describe('created, running, paused, restarting, removing, exited or dead.'),
  exitCode: matcher().optional().describe('Exit code of the last run.'),
  oomKilled: matcher().optional().describe('Whether the kernel killed it for want of memory.'),
  pid: matcher().optional().describe('Process id of its init in the guest; 0 when not running.'),
  startedAt: matcher().optional().describe('When it was started last; for same-as: entry.'),
  restartCount: matcher().optional().describe('How often the restart policy started it again.'),
  tty: matcher().optional().describe('Whether it has a terminal (-t).'),
  openStdin: matcher().optional().describe('Whether its standard input is kept open (-i).'),
  autoRemove: matcher().optional().describe('Whether it is removed at its end (--rm).'),
  attached: matcher().optional().describe('Whether a client is attached to it now, as a foreground docker run is.'),
  command: matcher().optional().describe('Cmd as a list of words: { contains: word }, or all words with single blanks.'),
  entrypoint: matcher().optional().describe('Entrypoint, as command.'),
  user: matcher().optional().describe('User as given.'),
  workingDir: matcher().optional().describe('Working directory.'),
  hostname: matcher().optional().describe('Host name.'),
  memory: matcher().optional().describe('Memory limit in bytes; 0 for none.'),
  memorySwap: matcher().optional().describe('Memory and swap limit in bytes.'),
  cpus: matcher().optional().describe('CPU limit in CPUs; 0 for none.'),
  pidsLimit: matcher().optional().describe('Limit of processes; 0 for none.'),
  readonlyRoot: matcher().optional().describe('Whether its root file system is read-only.'),
  init: matcher().optional().describe("Whether PID 1 is the engine's own init (--init)."),
  privileged: matcher().optional().describe('Whether it is privileged.'),
  capAdd: matcher().optional().describe('Added capabilities as a list.'),
  capDrop: matcher().optional().describe('Dropped capabilities as a list.'),
  networkMode: matcher().optional().describe('Network mode.'),
  restartPolicy: matcher().optional().describe('no, always, unless-stopped or on-failure.'),
  readonlyMounts: matcher().optional().describe('Mount points at which it may only read, as a list: { contains: /data }.'),
  health: matcher().optional().describe('starting, healthy or unhealthy; none without a health check.'),
  stopSignal: matcher().optional().describe('Signal of docker stop, as given.'),
}));
export type ContainerField = keyof ReturnType<typeof containerFieldShape>;

type Read = (container: ContainerInspect, engine: EngineSnapshot, log: readonly LogEntry[]) => Reading;

/** Where each field of a container predicate stands in GET /containers/{id}/json. */
export const containerFields: Readonly<Record<ContainerField, Read>> = {
  name: (container) => text(containerName(container)),
  id: ({ Id }) => text(Id),
  image: ({ Config, Image }, { images }) => ({ kind: 'image', value: imageAliases(images, Config.Image, Image) }),
  state: ({ State }) => text(State.Status),
  exitCode: ({ State }) => number(State.ExitCode),
  oomKilled: ({ State }) => boolean(State.OOMKilled),
  pid: ({ State }) => number(State.Pid),
  startedAt: ({ State }) => text(State.StartedAt),
  restartCount: ({ RestartCount }) => number(RestartCount),
  tty: ({ Config }) => boolean(Config.Tty),
  openStdin: ({ Config }) => boolean(Config.OpenStdin),
  autoRemove: ({ HostConfig }) => boolean(HostConfig.AutoRemove),
  attached: (container, _engine, log) => boolean(isAttached(container, log)),
  command: ({ Config }) => list(Config.Cmd),
  entrypoint: ({ Config }) => list(Config.Entrypoint),
  user: ({ Config }) => text(Config.User),
  workingDir: ({ Config }) => text(Config.WorkingDir),
  hostname: ({ Config }) => text(Config.Hostname),
  memory: ({ HostConfig }) => bytes(Number(HostConfig.Memory)),
  memorySwap: ({ HostConfig }) => bytes(Number(HostConfig.MemorySwap)),
  cpus: ({ HostConfig }) => number(Number(HostConfig.NanoCpus) / 1e9),
  pidsLimit: ({ HostConfig }) => number(Math.max(Number(HostConfig.PidsLimit ?? 0), 0)),
  readonlyRoot: ({ HostConfig }) => boolean(HostConfig.ReadonlyRootfs),
  init: ({ HostConfig }) => boolean(HostConfig.Init ?? false),
  privileged: ({ HostConfig }) => boolean(HostConfig.Privileged),
  capAdd: ({ HostConfig }) => list(HostConfig.CapAdd),
  capDrop: ({ HostConfig }) => list(HostConfig.CapDrop),
  networkMode: ({ HostConfig }) => text(HostConfig.NetworkMode),
  restartPolicy: ({ HostConfig }) => text(HostConfig.RestartPolicy.Name === '' ? 'no' : HostConfig.RestartPolicy.Name),
  readonlyMounts: ({ Mounts }) => list(Mounts.filter(({ RW }) => !RW).map(({ Destination }) => Destination)),
  health: ({ State }) => text(State.Health?.Status ?? 'none'),
  stopSignal: ({ Config }) => text(Config.StopSignal ?? ''),
};

/** The maps of a container predicate: readings by key; what is absent has no reading. */
export const containerMaps = {
  env: ({ Config }: ContainerInspect): Record<string, Reading> => Object.fromEntries((Config.Env ?? []).map((pair) => splitPair(pair))),
  labels: ({ Config }: ContainerInspect): Record<string, Reading> => textMap(Config.Labels),
  ports: ({ NetworkSettings }: ContainerInspect): Record<string, Reading> =>
    Object.fromEntries(
      Object.entries(NetworkSettings.Ports).flatMap(([port, bindings]) =>
        bindings?.[0] === undefined ? [] : [[port, number(Number(bindings[0].HostPort))]],
      ),
    ),
  mounts: ({ Mounts }: ContainerInspect): Record<string, Reading> =>
    Object.fromEntries(Mounts.map(({ Destination, Name, Source }) => [Destination, text(Name ?? Source)])),
  networks: ({ NetworkSettings }: ContainerInspect): Record<string, Reading> =>
    Object.fromEntries(Object.entries(NetworkSettings.Networks).map(([name, { IPAddress }]) => [name, text(IPAddress)])),
} as const;

/** An attach that was answered and whose answer has not ended. */
function isAttached({ Id, Name }: ContainerInspect, log: readonly LogEntry[]): boolean {
  const closed = new Set(log.flatMap((entry) => (entry.kind === 'request-closed' ? [entry.request] : [])));
  return log.some((entry) => {
    const named =
      entry.kind === 'request' && entry.method === 'POST' && entry.status < 400
        ? /^\/containers\/([^/]+)\/attach$/.exec(entry.path)?.[1]
        : undefined;
    return named !== undefined && !closed.has(entry.sequence) && (Id.startsWith(named) || Name === `/${named}`);
  });
}

export function textMap(map: Readonly<Record<string, string>> | null): Record<string, Reading> {
  return Object.fromEntries(Object.entries(map ?? {}).map(([key, value]) => [key, text(value)]));
}

function splitPair(pair: string): readonly [string, Reading] {
  const sign = pair.indexOf('=');
  return sign < 0 ? [pair, text('')] : [pair.slice(0, sign), text(pair.slice(sign + 1))];
}
