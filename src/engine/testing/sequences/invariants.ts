import type { ContainerInspect, ContainerSummary } from '../../../protocol/engine-api.ts';
import type { LogEntry } from '../../../protocol/log.ts';
import { toAppError } from '../../../base/errors.ts';
import type { Scenario, Client } from './scenario.ts';
import type { Subject, HostState } from './subject.ts';

type Report = (problem: string) => void;

/** What is still contradictory when the host had its time; what the log said wrong stays wrong. */
export async function lastingContradictions(scenario: Scenario): Promise<readonly string[]> {
  const end = Date.now() + scenario.host.agreesWithin;
  for (;;) {
    const problems = await contradictions(scenario).catch(goneMeanwhile);
    if (problems.length === 0 || scenario.replay.contradictions.length > 0 || Date.now() >= end) return problems;
    await scenario.host.pass(50);
  }
}

/** What a list named was gone when it was asked for: to be looked at again, where things happen by themselves. */
function goneMeanwhile(thrown: unknown): readonly string[] {
  const { kind, message } = toAppError(thrown);
  if (kind !== 'not_found') throw thrown;
  return [`listed, but not there: ${message}`];
}

/** Everything in which the engine's books, its answers, its log and the host contradict each other; nothing when all is well. */
async function contradictions(scenario: Scenario): Promise<readonly string[]> {
  const problems: string[] = [];
  const report: Report = (problem) => void problems.push(problem);
  const { subject } = scenario;
  const before = subject.log.last;
  const summaries = await subject.containers.list({ all: true, limit: 0, size: false, filters: {} });
  const containers = await Promise.all(summaries.map(({ Id }) => subject.containers.inspect(Id, { size: false })));
  const hostState = await scenario.host.state();
  const running = await Promise.all(containers.filter(runs).map((container) => execsOf(subject, container, report)));
  const entries = subject.log.since(0);
  if (subject.log.last !== before) return ['something happened while this was looked at'];
  scenario.replay.take(entries);
  agree(summaries, containers, report);
  // A release that failed as asked may have left something; it is gone at the latest when the container is.
  const mayLeave = new Set(scenario.spoiled ? containers.map(({ Id }) => Id) : []);
  holdAgainstHost(containers, hostState, { execs: new Set(running.flat()), mayLeave }, report);
  await addresses(subject, containers, report);
  await bridges(subject, hostState, { mayLack: scenario.spoiled }, report);
  await resolvers(subject, containers.filter(runs), hostState, report);
  holdAgainstLog(scenario, containers, report);
  for (const client of scenario.clients) if (shouldHaveEnded(client, entries, containers)) report(`${describe(client)} still waits`);
  for (const [exec, container] of scenario.execs)
    await execIsOver(subject, { exec, container: containers.find(({ Id }) => Id === container) }, report);
  return problems;
}

const runs = ({ State }: ContainerInspect): boolean => State.Status === 'running' || State.Status === 'paused';
const short = (id: string): string => id.slice(0, 12);

/** What list says of a container is what inspect says; names are unique. */
function agree(summaries: readonly ContainerSummary[], containers: readonly ContainerInspect[], report: Report): void {
  const names = containers.map(({ Name }) => Name);
  if (new Set(names).size < names.length) report(`two containers share a name: ${names.join(' ')}`);
  containers.forEach((container, index) => {
    const { Id, Name, Image, State, NetworkSettings, Mounts, Config } = container;
    const summary = summaries[index];
    const listed = [
      summary?.Id,
      summary?.Names,
      summary?.ImageID,
      summary?.State,
      summary?.NetworkSettings.Networks,
      summary?.Mounts,
      summary?.Labels,
    ];
    const inspected = [Id, [Name], Image, State.Status, NetworkSettings.Networks, Mounts, Config.Labels ?? {}];
    if (JSON.stringify(listed) !== JSON.stringify(inspected))
      report(`${Name}: list ${JSON.stringify(listed)}, inspect ${JSON.stringify(inspected)}`);
    const flags = [State.Running, State.Paused, State.Restarting, State.Dead];
    const status = State.Status;
    const implied = [runs(container) || status === 'restarting', status === 'paused', status === 'restarting', status === 'dead'];
    if (flags.join() !== implied.join()) report(`${Name}: ${status}, but the flags say ${flags.join()}`);
    if (runs(container) !== State.Pid > 0) report(`${Name}: ${status} with PID ${State.Pid}`);
    if (status === 'removing') report(`${Name} is being removed for ever`);
  });
}

interface Circumstances {
  /** PIDs of running execs. */
  readonly execs: ReadonlySet<number>;
  /** IDs of containers that may have a cgroup and an overlay though they do not run. */
  readonly mayLeave: ReadonlySet<string>;
}

/** A container has a process, a cgroup and an overlay if and only if it runs; nothing is left of the others but their files. */
function holdAgainstHost(
  containers: readonly ContainerInspect[],
  hostState: HostState,
  { execs, mayLeave }: Circumstances,
  report: Report,
): void {
  const running = containers.filter(runs);
  for (const { Name, Id, State } of running) {
    if (hostState.processes.get(State.Pid) !== `docker/${Id}`) report(`${Name} runs, but there is no process ${State.Pid} in its cgroup`);
    if (!hostState.cgroups.has(`docker/${Id}`)) report(`${Name} runs without its cgroup`);
    if (!hostState.overlays.has(Id)) report(`${Name} runs without its overlay`);
  }
  const ids = new Set(running.map(({ Id }) => Id));
  const allowed = new Set([...ids, ...mayLeave]);
  for (const cgroup of hostState.cgroups) if (!allowed.has(cgroup.replace('docker/', ''))) report(`the cgroup ${cgroup} is left`);
  for (const id of hostState.overlays) if (!allowed.has(id)) report(`the overlay of ${short(id)} is left`);
  const known = new Set(containers.map(({ Id }) => Id));
  for (const id of hostState.folders) if (!known.has(id)) report(`the files of ${short(id)} are left`);
  for (const [pid, cgroup] of hostState.processes)
    if (!ids.has(cgroup.replace('docker/', ''))) report(`process ${pid} of ${cgroup} is left`);
  for (const pid of execs) if (!hostState.processes.has(pid)) report(`an exec runs as process ${pid}, which is not there`);
  const plugged = running
    .flatMap(({ NetworkSettings }) => Object.values(NetworkSettings.Networks))
    .filter(({ IPAddress }) => IPAddress !== '');
  if (hostState.interfaces !== plugged.length) report(`${plugged.length} addresses are in use, and ${hostState.interfaces} interfaces`);
}

/** Addresses belong to running containers, no two to one, and networks say the same as containers. */
async function addresses(subject: Subject, containers: readonly ContainerInspect[], report: Report): Promise<void> {
  const own = new Map<string, string>();
  for (const container of containers) {
    for (const { IPAddress } of Object.values(container.NetworkSettings.Networks)) {
      if (IPAddress === '') continue;
      if (!runs(container)) report(`${container.Name} does not run and has ${IPAddress}`);
      if (own.has(IPAddress)) report(`${IPAddress} is ${container.Name}'s and another's`);
      own.set(IPAddress, container.Id);
    }
  }
  for (const { Name } of await subject.networks.list({})) {
    const { Containers } = await subject.networks.inspect(Name);
    for (const [id, { IPv4Address, Name: name }] of Object.entries(Containers ?? {})) {
      const holder = containers.find(({ Id }) => Id === id);
      if (holder === undefined || !runs(holder)) report(`${Name} has ${short(id)}, which does not run`);
      if (holder !== undefined && holder.Name !== `/${name}`) report(`${Name} calls ${holder.Name} ${name}`);
      const address = IPv4Address.split('/')[0] ?? '';
      if (address !== '' && own.get(address) !== id) report(`${Name} says that ${address} is ${short(id)}'s`);
      own.delete(address);
    }
  }
  for (const [address, id] of own) report(`no network knows ${address} of ${short(id)}`);
}

/** A network of the user's has its bridge, and there is no bridge without a network. */
async function bridges(subject: Subject, hostState: HostState, { mayLack }: { readonly mayLack: boolean }, report: Report): Promise<void> {
  const networks = (await subject.networks.list({})).filter(({ Driver }) => Driver === 'bridge');
  const names = new Map(networks.map(({ Id, Name }) => [Name === 'bridge' ? 'docker0' : `br-${Id.slice(0, 12)}`, Name]));
  for (const bridge of hostState.bridges) if (!names.has(bridge)) report(`the bridge ${bridge} is left`);
  for (const [bridge, name] of names)
    if (!mayLack && name !== 'bridge' && !hostState.bridges.has(bridge)) report(`${name} has no bridge ${bridge}`);
  for (const view of hostState.views) report(`${view} is still shown`);
}

/** Names are answered in containers that run and are on a network of the user's, and in no other's: one that has left it keeps its resolver. */
async function resolvers(
  subject: Subject,
  running: readonly ContainerInspect[],
  { resolvers: open }: HostState,
  report: Report,
): Promise<void> {
  if (open === null) return;
  const own = new Set(
    (await subject.networks.list({})).map(({ Name }) => Name).filter((name) => !['bridge', 'host', 'none'].includes(name)),
  );
  for (const { Name, Id, NetworkSettings } of running)
    if (Object.keys(NetworkSettings.Networks).some((name) => own.has(name)) && !open.has(Id)) report(`${Name} has no names`);
  for (const id of open) if (!running.some(({ Id }) => Id === id)) report(`the resolver of ${short(id)} is left`);
}

/** PIDs of running execs. */
async function execsOf(subject: Subject, { ExecIDs, Name }: ContainerInspect, report: Report): Promise<readonly number[]> {
  const execs = await Promise.all((ExecIDs ?? []).map((id) => subject.exec.inspect(id)));
  for (const { ID, Running, ExitCode } of execs)
    if (!Running && ExitCode !== null) report(`${Name} lists the exec ${short(ID)}, which is over`);
  return execs.filter(({ Running }) => Running).map(({ Pid }) => Pid);
}

/** An exec of a container that does not run does not run either. */
async function execIsOver(
  subject: Subject,
  { exec, container }: { readonly exec: string; readonly container: ContainerInspect | undefined },
  report: Report,
): Promise<void> {
  if (container !== undefined && runs(container)) return;
  try {
    const { Running } = await subject.exec.inspect(exec);
    if (container === undefined) report(`the exec ${short(exec)} outlives its container`);
    if (Running) report(`the exec ${short(exec)} runs in a container that does not`);
  } catch (thrown) {
    if (toAppError(thrown).kind !== 'not_found') throw thrown;
  }
}

function holdAgainstLog({ replay }: Scenario, containers: readonly ContainerInspect[], report: Report): void {
  replay.contradictions.forEach(report);
  for (const container of containers) {
    const { Id, Name, State } = container;
    const told = replay.containers.get(Id);
    if (told === undefined || told.gone) report(`${Name} is there, but the log does not say so`);
    else if (told.up !== runs(container) || told.paused !== State.Paused)
      report(`${Name} is ${State.Status}, the log says ${JSON.stringify(told)}`);
    if (told !== undefined && !runs(container) && told.execs.size > 0) report(`no end of an exec of ${Name} was told`);
  }
  for (const [id, { gone }] of replay.containers)
    if (!gone && !containers.some(({ Id }) => Id === id)) report(`${short(id)} is gone, but the log does not say so`);
}

const describe = ({ kind, container, since }: Client): string => `the client of ${kind} ${short(container)} from ${since} on`;

function shouldHaveEnded(
  { kind, container, since, status, exec, ended, left }: Client,
  log: readonly LogEntry[],
  all: readonly ContainerInspect[],
): boolean {
  if (ended) return false;
  if (left) return true;
  const happened = (action: string, id?: string): boolean =>
    log.some(
      (entry) =>
        entry.kind === 'event' &&
        entry.sequence > since &&
        entry.actor.id === container &&
        entry.action === action &&
        (id === undefined || entry.actor.attributes['execID'] === id),
    );
  const found = all.find(({ Id }) => Id === container);
  if (found === undefined) return true;
  switch (kind) {
    case 'wait removed':
      return happened('destroy');
    case 'wait not-running':
      return !['running', 'paused', 'restarting'].includes(status) || happened('die');
    case 'wait next-exit':
    case 'attach':
      return happened('die');
    case 'logs':
      return happened('die') && !runs(found) && found.State.Status !== 'restarting';
    case 'exec':
      return happened('exec_die', exec) || !runs(found);
  }
}
