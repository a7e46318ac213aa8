import { z } from 'zod';
import { AppError } from '../base/errors.ts';
import { containerConfigSchema, execConfigSchema, hostConfigSchema, ipamConfigSchema } from '../protocol/engine-api.ts';
import { dictionary } from '../protocol/engine-api/go-values.ts';
import type { LogEntry } from '../protocol/log.ts';
import { withBigints, withoutBigints, type PlacedBigint } from './bigints.ts';
import { Container } from './containers/container.ts';
import { overlayDirectories, type ContainersContext, type Needs, type RunContext } from './containers/context.ts';
import { discardView } from './containers/files/views.ts';
import { Exec, type ExecState } from './containers/run/exec-instance.ts';
import { superviseExec } from './containers/verbs/exec.ts';
import { ProcessStreams } from './containers/streams/process-streams.ts';
import { isRunning, transition, type ContainerState } from './containers/state.ts';
import { unwatchedHealth } from './containers/health/health.ts';
import { watchHealth } from './containers/health/monitor.ts';
import { killProbe } from './containers/health/probe.ts';
import { launch } from './containers/verbs/start.ts';
import { releaseGuest, resumeResources } from './containers/run/resources.ts';
import { abandonContainer } from './containers/run/abandon.ts';
import { lost } from './containers/run/exit-code.ts';
import { linkName } from './containers/links.ts';
import { resumeResolver } from './containers/run/resolver.ts';
import { resumeRestart } from './containers/run/restart.ts';
import { supervise } from './containers/run/supervise.ts';
import type { RunningProcess } from './runtime.ts';
import type { OutsideNetwork } from './outside/outside.ts';
import { rfc3339Nano } from '../grammar/time.ts';
import type { RestorableEventLog } from './events/log.ts';
import { resumePorts, unpublishPorts } from './containers/run/publish-ports.ts';
import { leaveNetworks, resumeLeases } from './containers/run/join-networks.ts';
import type { NetworkRecord } from './networks/network.ts';

const version = 7;

const integer = z.union([z.number(), z.bigint()]);
const nanoseconds = z.string().regex(/^\d+$/).transform(BigInt);
const labels = dictionary(z.string());
const past = { startedAt: z.string(), finishedAt: z.string(), exitCode: z.number(), oomKilled: z.boolean(), error: z.string() };
const still = <S extends string>(status: S) => z.object({ status: z.literal(status), ...past });
const live = <S extends string>(status: S) => z.object({ status: z.literal(status), pid: z.number(), ...past });
const stateSchema = z.discriminatedUnion('status', [
  still('created'),
  live('running'),
  live('paused'),
  still('restarting'),
  still('exited'),
  still('removing'),
  still('dead'),
]);

const execSchema = z.object({
  id: z.string(),
  config: execConfigSchema,
  isProbe: z.boolean(),
  /** The handle of a running one; the exit code of one that ran. */
  run: z.object({ handle: z.number(), pid: z.number() }).nullable(),
  exit: z.object({ exitCode: z.number(), pid: z.number() }).nullable(),
});

const mountSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('bind'),
    source: z.string(),
    target: z.string(),
    mode: z.string(),
    readOnly: z.boolean(),
    propagation: z.enum(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']),
    recursive: z.boolean(),
    creates: z.boolean(),
  }),
  z.object({ type: z.literal('tmpfs'), target: z.string(), options: z.string(), readOnly: z.boolean(), listed: z.boolean() }),
  z.object({
    type: z.literal('volume'),
    name: z.string(),
    target: z.string(),
    mode: z.string(),
    readOnly: z.boolean(),
    anonymous: z.boolean(),
  }),
]);

const endpointSchema = z.object({
  networkId: z.string(),
  asked: z.object({
    addresses: z
      .object({ v4: z.string().optional(), v6: z.string().optional(), linkLocal: z.array(z.string()).readonly().optional() })
      .nullable(),
    mac: z.string(),
    aliases: z.array(z.string()).readonly().nullable(),
    links: z.array(z.string()).readonly().nullable(),
    driverOptions: labels.nullable(),
    gatewayPriority: integer,
    claimed: z
      .object({
        NetworkID: z.string(),
        EndpointID: z.string(),
        Gateway: z.string(),
        IPAddress: z.string(),
        IPPrefixLen: integer,
        IPv6Gateway: z.string(),
        GlobalIPv6Address: z.string(),
        GlobalIPv6PrefixLen: integer,
        DNSNames: z.array(z.string()).nullable(),
      })
      .nullable()
      .default(null),
  }),
  lease: z
    .object({
      endpointId: z.string(),
      link: z
        .object({
          address: z.string(),
          prefix: z.number(),
          gateway: z.string(),
          address6: z.string(),
          prefix6: z.number(),
          gateway6: z.string(),
          mac: z.string(),
          name: z.string(),
          hostName: z.string(),
        })
        .nullable(),
    })
    .nullable(),
  joined: z.boolean(),
});

const firewallRule = z.object({
  family: z.enum(['ip', 'ip6']),
  table: z.enum(['nat', 'filter', 'raw']),
  chain: z.string(),
  handle: z.number(),
});

const publicationSchema = z.object({
  networks: z.object({ v4: z.string().nullable(), v6: z.string().nullable() }),
  ports: z.array(z.object({ protocol: z.enum(['tcp', 'udp']), inside: z.number(), address: z.string(), outside: z.number() })),
  rules: z.array(firewallRule),
});

const healthSchema = z.object({
  status: z.enum(['starting', 'healthy', 'unhealthy']),
  failingStreak: z.number(),
  log: z.array(z.object({ start: z.string(), end: z.string(), exitCode: z.number(), output: z.string() })).readonly(),
});

const containerSchema = z.object({
  id: z.string(),
  created: nanoseconds,
  imageId: z.string(),
  layers: z.array(z.string()),
  imageSize: z.number(),
  config: containerConfigSchema,
  command: z.array(z.string()),
  mounts: z.array(mountSchema),
  name: z.string(),
  links: z.array(z.object({ alias: z.string(), child: z.object({ id: z.string(), name: z.string() }) })),
  hostConfig: hostConfigSchema,
  state: stateSchema,
  handle: z.number().nullable(),
  resolver: z.number().nullable(),
  endpoints: z.array(endpointSchema),
  publication: publicationSchema.nullable(),
  isReleased: z.boolean(),
  restartCount: z.number(),
  restartDelay: z.number(),
  health: healthSchema.nullable(),
  logs: z.object({
    dropped: z.number(),
    chunks: z.array(z.tuple([z.string().regex(/^-?\d{1,20}$/), z.number().int().min(0), z.string()])),
    unfinished: z.object({ stdout: z.string(), stderr: z.string() }),
  }),
  execs: z.array(execSchema),
});

const networkSchema = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.enum(['bridge', 'host', 'null']),
  created: z.string(),
  bridge: z
    .object({
      interfaceName: z.string(),
      mtu: z.number(),
      icc: z.boolean(),
      masquerade: z.boolean(),
    })
    .nullable(),
  ipv4: z.boolean(),
  ipv6: z.boolean(),
  pools: z
    .array(
      z.object({
        subnet: z.string(),
        isChosen: z.boolean(),
        range: z.string(),
        gateway: z.string(),
        reserved: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  ipam: z.object({ driver: z.string(), options: labels.nullable(), config: z.array(ipamConfigSchema).readonly().nullable() }),
  internal: z.boolean(),
  attachable: z.boolean(),
  configFrom: z.string(),
  configOnly: z.boolean(),
  options: labels,
  labels,
});

const volumesSchema = z.object({
  records: z.array(z.object({ name: z.string(), created: z.string(), labels: labels.nullable(), options: labels.nullable() })),
  made: z.array(z.string()),
  mounted: z.array(z.tuple([z.string(), z.array(z.string())])),
});

/** Written by this engine only; the kinds are checked where they are read. */
const logEntry = z.custom<LogEntry>(
  (value) => typeof value === 'object' && value !== null && 'sequence' in value && 'timeNano' in value && 'kind' in value,
);

const snapshotSchema = z.object({
  version: z.literal(version),
  containers: z.array(containerSchema),
  networks: z.array(networkSchema),
  bridges: z.array(z.object({ network: z.string(), rules: z.array(firewallRule) })),
  next: z
    .object({ id: z.string(), layers: z.array(z.string()).readonly() })
    .nullable()
    .default(null),
  volumes: volumesSchema,
  views: z.object({ made: z.number(), open: z.array(z.string()).readonly() }).default({ made: 0, open: [] }),
  outside: z
    .object({
      handle: z.number(),
      names: z.array(z.tuple([z.string().max(253), z.number().int().min(0)])).readonly(),
      next: z.number().int().min(0),
    })
    .nullable()
    .default(null),
  log: z.object({ epoch: z.number(), last: z.number(), entries: z.array(logEntry) }),
});

const bigintsSchema = z.object({ bigints: z.array(z.object({ path: z.array(z.string()), digits: z.string().regex(/^-?\d{1,20}$/) })) });

/** @throws AppError invalid, and says which version where that is why */
export function parseSnapshot(snapshot: unknown): ParsedSnapshot {
  const found = typeof snapshot === 'object' && snapshot !== null && 'version' in snapshot ? snapshot.version : undefined;
  if (typeof found === 'number' && found !== version)
    throw new AppError('invalid', `a snapshot of another version of this engine: ${found}, not ${version}`);
  const places = bigintsSchema.safeParse(snapshot).data?.bigints ?? [];
  const parsed = snapshotSchema.safeParse(
    withBigints(
      snapshot,
      places.map(({ path, digits }) => ({ path: ['containers', ...path], digits })),
    ),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid', `not a snapshot of this engine: ${issue?.message ?? 'malformed'}`, { cause: parsed.error });
}

type ParsedSnapshot = z.output<typeof snapshotSchema>;

/** JSON; times as decimal nanoseconds, logs as Latin-1 text, `bigints` apart. */
export type EngineSnapshot = z.input<typeof snapshotSchema> & { readonly bigints: readonly PlacedBigint[] };
type ContainerSnapshot = z.output<typeof containerSchema>;

export interface EngineParts {
  readonly context: ContainersContext;
  readonly log: RestorableEventLog;
  readonly outside?: OutsideNetwork;
}

export function snapshotEngine({ context, log, outside }: EngineParts): EngineSnapshot {
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
    next: context.next.snapshot(),
    volumes: context.volumes.snapshot(),
    views: context.views.snapshot(),
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

/**
 * Containers, networks and the log in place of all there is.
 * @param restoreImages what containers stand on comes first, once the snapshot is known to be one @throws AppError invalid
 */
export function restoreEngine(
  { context, log, outside }: EngineParts,
  snapshot: unknown,
  restoreImages: () => void = () => undefined,
): void {
  const { containers, networks, bridges, next, volumes, views, outside: savedNetwork, log: events } = parseSnapshot(snapshot);
  context.next.restore(next);
  restoreImages();
  log.restore(events);
  context.networks.store.replace(networks.map((network): NetworkRecord => ({ ...network, leases: new Map() })));
  context.networks.bridges.assume(bridges);
  context.volumes.restore(volumes);
  for (const container of context.store.all()) {
    context.store.delete(container);
    abandonContainer(context.clock, container, 'the engine was restored');
  }
  context.ports.table.clear();
  for (const saved of containers) restoreContainer(context, saved);
  for (const saved of containers) restoreLinks(context, saved);
  outside?.restore(savedNetwork, context.names);
  discardViews(context, context.views.restore(views));
  releaseVolumes(context, volumes.mounted);
  context.runtime.processes.releaseRestored();
}

/** Who held a volume mounted to look into it, or to fill it, is gone. */
function releaseVolumes(
  { store, volumes, changes }: Needs<'store' | 'volumes' | 'changes'>,
  mounted: readonly (readonly [string, readonly string[]])[],
): void {
  for (const [name, holders] of mounted)
    for (const holder of holders)
      if (store.byId(holder) === null) void changes.run(() => volumes.release(name, holder)).catch(() => undefined);
}

/** Who looked or wrote is gone. A container whose own place is mounted is not started before that is over. */
function discardViews(context: Needs<'store' | 'runtime' | 'host' | 'changes'>, targets: readonly string[]): void {
  for (const target of targets) {
    const container = context.store.all().find(({ id }) => overlayDirectories(context.host, id).merged === target);
    const discard = (): Promise<void> => discardView(context, target);
    void (container === undefined ? context.changes.run(discard) : container.locked(discard));
  }
}

function restoreContainer(context: RunContext, saved: ContainerSnapshot): void {
  const { id, created, imageId, layers, imageSize, config, command, mounts, name, hostConfig } = saved;
  const identity = { id, created, imageId, layers, imageSize, config, command, mounts };
  const process = adoptProcess(context, saved);
  const container = new Container(identity, name, hostConfig, stateAfter(context, saved, process));
  container.isReleased = saved.isReleased;
  container.restartCount = saved.restartCount;
  container.restartDelay = saved.restartDelay;
  container.health = saved.health;
  container.logs.restore(saved.logs);
  for (const endpoint of saved.endpoints) container.endpoints.set(endpoint.networkId, endpoint);
  resumeLeases(context.networks, container);
  if (saved.publication !== null) container.publication = { ...saved.publication, listeners: [] };
  void resumePorts(context, container);
  context.store.reserveName(name, id);
  context.store.add(container);
  if (process !== null) {
    const run = { process, intent: { cancelled: false, restarting: false, stopping: false } };
    container.run = run;
    resumeResources(context, container);
    if (saved.resolver !== null) resumeResolver(context, container, saved.resolver);
    supervise(context, container, run, launch);
  } else if (isRunning(saved.state)) {
    void unpublishPorts(context, container);
    leaveNetworks(context.networks, container);
    // Its end was too long ago for the machine to tell again: what it has left is taken away now.
    void container.locked((locked) => releaseGuest(context, locked));
    if (saved.health !== null) container.health = unwatchedHealth(saved.health);
  }
  for (const exec of saved.execs) restoreExec(context, container, exec);
  if (container.state.status === 'running') watchHealth(context, container);
  if (container.state.status === 'restarting') resumeRestart(context, container, launch);
}

/** Once all are there: a name that a link gives is its child's. */
function restoreLinks({ store }: Needs<'store'>, { id, links }: ContainerSnapshot): void {
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
  context: RunContext,
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
