import { z } from 'zod';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { GuestTarget } from '../../protocol/playground.ts';
import { lazily } from '../format/lazily.ts';
import { matcher, matcherMap, type Matcher } from '../format/matcher.ts';
import { matcherText, testField } from './candidates.ts';
import { boolean, list, number, text } from './container-fields.ts';
import type { Miss, Want } from './finding.ts';
import type { Reading } from './match.ts';
import { mountShape, mountWants, type MountWant } from './mount-facts.ts';
import { parseMountinfo, type Mount } from './mountinfo.ts';
import { findContainer, splitOperand, type Observation } from './observation.ts';

/** What may be asked of a process, whosoever it is. */
export const kernelShape = /* @__PURE__ */ lazily(() => ({
  comm: matcher().optional().describe('Name of the process (Name in /proc/PID/status).'),
  uid: matcher().optional().describe('Effective user id in the initial user namespace.'),
  uidInside: matcher().optional().describe('The same user in its own user namespace (uid_map).'),
  capEff: matcher().optional().describe('Effective capabilities as 16 hexadecimal digits (CapEff).'),
  noNewPrivs: matcher().optional().describe('NoNewPrivs: 0 or 1.'),
  seccomp: matcher().optional().describe('Seccomp mode: 0, 1 or 2.'),
  nsPid: matcher().optional().describe('Process id in its innermost pid namespace (last of NSpid).'),
  hostname: matcher().optional().describe('Host name in its uts namespace.'),
  root: matcher().optional().describe('Its root directory as the host sees it; / unless it was changed by chroot.'),
  hostRoot: matcher().optional().describe("Whether the host's root file system is among its mounts."),
  links: matcher().optional().describe('Network interfaces of its net namespace as a list; lo alone is a new one.'),
  addresses: matcher().optional().describe('IPv4 addresses of its net namespace that are up, as a list.'),
  pinged: matcher().optional().describe('How many echo requests its net namespace has received.'),
  namespaces: matcherMap()
    .optional()
    .describe('Namespace links by type (cgroup ipc mnt net pid time user uts), e.g. net: { same-as: host }.'),
  cgroup: matcherMap().optional().describe('Files of its cgroup by name, e.g. memory.max: 64M.'),
  mounts: z.record(z.string().startsWith('/'), z.strictObject(mountShape())).optional().describe('Mounts by mount point.'),
}));

/** What the kernel says of a process. */
export const kernelMatch = /* @__PURE__ */ lazily(() => z.strictObject(kernelShape()).meta({ id: 'kernel-match' }));
export type KernelMatch = z.infer<ReturnType<typeof kernelMatch>>;

/** A process whose kernel facts are read: its own /proc entry as `/proc/self`, or an entry of the guest's. */
export interface Process {
  /** In what paths below `proc` are resolved. */
  readonly target: GuestTarget;
  /** "/proc/self", "/proc/1". */
  readonly proc: string;
  readonly observation: Observation;
}

export const processOf = (pid: number, observation: Observation): Process => ({
  target: { kind: 'process', pid },
  proc: '/proc/self',
  observation,
});

export const initOf = (container: ContainerInspect, observation: Observation): Process => ({
  target: { kind: 'container', container: container.Id },
  proc: '/proc/self',
  observation,
});

/** Process 1 of the guest. */
const hostOf = (observation: Observation): Process => ({ target: { kind: 'guest' }, proc: '/proc/1', observation });

type Read = (process: Process) => Promise<Reading | undefined>;

interface KernelWant extends Want {
  readonly read: Read;
}

type PlainField = Exclude<keyof KernelMatch, 'namespaces' | 'cgroup' | 'mounts'>;

const ofStatus =
  (read: (status: ReadonlyMap<string, string>) => Reading | undefined): Read =>
  async (process) =>
    read(await statusOf(process));

/** Fields of /proc/PID/status (proc_pid_status(5)) and of what stands beside it. */
const plainFields: Readonly<Record<PlainField, Read>> = {
  comm: ofStatus((status) => textOf(status.get('Name'))),
  uid: ofStatus((status) => numberOf(status.get('Uid')?.split(/\s+/)[1])),
  uidInside: uidInsideOf,
  capEff: ofStatus((status) => textOf(status.get('CapEff'))),
  noNewPrivs: ofStatus((status) => numberOf(status.get('NoNewPrivs'))),
  seccomp: ofStatus((status) => numberOf(status.get('Seccomp'))),
  nsPid: ofStatus((status) => numberOf(status.get('NSpid')?.split(/\s+/).at(-1))),
  hostname: async ({ target, proc, observation }) => {
    // The agent answers this one path by the uts name space of the target's process.
    const path = '/proc/sys/kernel/hostname';
    const answer = await observation.guest.read({ target: proc === '/proc/1' ? { kind: 'process', pid: 1 } : target, op: 'read', path });
    return answer.ok && answer.op === 'read' ? text(answer.text.trim()) : undefined;
  },
  root: (process) => linkOf(process, 'root'),
  hostRoot: seesHostRoot,
  links: async (process) => {
    const lines = (await readText(process, 'net/dev'))?.split('\n').filter((line) => line.includes(':'));
    return lines === undefined ? undefined : list(lines.map((line) => line.slice(0, line.indexOf(':')).trim()));
  },
  addresses: async (process) => {
    const trie = await readText(process, 'net/fib_trie');
    return trie === undefined ? undefined : list(localAddresses(trie));
  },
  pinged: async (process) => {
    const [names = '', values = ''] = ((await readText(process, 'net/snmp')) ?? '').split('\n').filter((line) => line.startsWith('Icmp: '));
    return numberOf(values.split(' ')[names.split(' ').indexOf('InEchos')]);
  },
};

/** A leaf of fib_trie is its prefix, then a line for each length: `|-- 10.0.0.2`, `/32 host LOCAL`. Each stands there once or twice. */
function localAddresses(trie: string): readonly string[] {
  const lines = trie.split('\n').map((line) => line.trim());
  const found = lines.flatMap((line, index) =>
    line.startsWith('|-- ') && lines[index + 1] === '/32 host LOCAL' ? [line.slice('|-- '.length)] : [],
  );
  return [...new Set(found)];
}

const isPlainField = (key: string): key is PlainField => Object.hasOwn(plainFields, key);
const textOf = (value: string | undefined): Reading | undefined => (value === undefined ? undefined : text(value));
const numberOf = (value: string | undefined): Reading | undefined => (value === undefined ? undefined : number(Number(value)));

function wants(match: KernelMatch): KernelWant[] {
  const fields = Object.keys(match)
    .filter(isPlainField)
    .flatMap((field) => wantOf(field, match[field], plainFields[field]));
  const namespaces = Object.entries(match.namespaces ?? {}).flatMap(([type, matcher]) =>
    wantOf(`namespaces.${type}`, matcher, (process) => linkOf(process, `ns/${type}`)),
  );
  const cgroup = Object.entries(match.cgroup ?? {}).flatMap(([file, matcher]) =>
    wantOf(`cgroup.${file}`, matcher, (process) => cgroupFileOf(process, file)),
  );
  const mounts = Object.entries(match.mounts ?? {}).flatMap(([path, mount]) =>
    mountWants(mount).flatMap(({ field, matcher, read }) =>
      wantOf(`mounts.${path}.${field}`, matcher, (process) => mountOf(process, path, read)),
    ),
  );
  return [...fields, ...namespaces, ...cgroup, ...mounts];
}

const wantOf = (field: string, matcher: Matcher | undefined, read: Read): KernelWant[] =>
  matcher === undefined ? [] : [{ field, matcher, read }];

export const kernelWants = (match: KernelMatch): readonly Want[] => wants(match).map(({ field, matcher }) => ({ field, matcher }));

export async function readText({ target, proc, observation }: Process, file: string): Promise<string | undefined> {
  const answer = await observation.guest.read({ target, op: 'read', path: `${proc}/${file}` });
  return answer.ok && answer.op === 'read' ? answer.text : undefined;
}

async function statusOf(process: Process): Promise<ReadonlyMap<string, string>> {
  const lines = (await readText(process, 'status'))?.split('\n') ?? [];
  return new Map(
    lines.flatMap((line) =>
      line.includes(':') ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const] : [],
    ),
  );
}

/** @param link "ns/uts", "root" */
export async function linkOf({ target, proc, observation }: Process, link: string): Promise<Reading | undefined> {
  const answer = await observation.guest.read({ target, op: 'readlink', path: `${proc}/${link}` });
  return answer.ok && answer.op === 'readlink' ? text(answer.target) : undefined;
}

/** A line of uid_map: first id inside, first id outside, how many (user_namespaces(7)), read from the initial name space. */
async function uidInsideOf(process: Process): Promise<Reading | undefined> {
  const [status, map] = await Promise.all([statusOf(process), readText(process, 'uid_map')]);
  const uid = Number(status.get('Uid')?.split(/\s+/)[1] ?? Number.NaN);
  for (const line of (map ?? '').split('\n')) {
    const [inside = Number.NaN, outside = Number.NaN, length = Number.NaN] = line.trim().split(/\s+/).map(Number);
    if (uid >= outside && uid < outside + length) return number(uid - outside + inside);
  }
  return undefined;
}

/** cgroup v2 has one line `0::/path` in /proc/PID/cgroup (cgroups(7)). */
export const cgroupOf = async (process: Process): Promise<string | undefined> =>
  /^0::(.*)$/m.exec((await readText(process, 'cgroup')) ?? '')?.[1];

async function cgroupFileOf(process: Process, file: string): Promise<Reading | undefined> {
  const path = await cgroupOf(process);
  if (path === undefined) return undefined;
  const host = { ...process, target: { kind: 'guest' }, proc: `/sys/fs/cgroup${path === '/' ? '' : path}` } as const;
  const contents = await readText(host, file);
  if (contents === undefined) return undefined;
  const value = contents.trim();
  return /^\d+$/.test(value) ? { kind: 'bytes', value: Number(value) } : text(value);
}

const mountsOf = async (process: Process): Promise<readonly Mount[]> => parseMountinfo((await readText(process, 'mountinfo')) ?? '');

async function mountOf(process: Process, path: string, read: MountWant['read']): Promise<Reading | undefined> {
  const mount = (await mountsOf(process)).findLast(({ target }) => target === path);
  return mount === undefined ? undefined : read(mount);
}

async function seesHostRoot(process: Process): Promise<Reading | undefined> {
  const [own, hosts] = await Promise.all([mountsOf(process), mountsOf(hostOf(process.observation))]);
  const hostRoot = hosts.find(({ target }) => target === '/');
  if (own.length === 0 || hostRoot === undefined) return undefined;
  return boolean(own.some(({ device, root }) => device === hostRoot.device && root === hostRoot.root));
}

/** A field that is not as wanted, and how many before it are. */
interface Assessed {
  readonly held: number;
  readonly miss: Miss | null;
}

/** All fields are read at once, so that they go to the guest in one round trip. @param process null where there is none: nothing holds of it */
export async function assessProcess(match: KernelMatch, process: Process | null, observation: Observation): Promise<Assessed> {
  const found = await Promise.all(
    wants(match).map(async ({ field, matcher, read }): Promise<Miss | null> => {
      const [others, reading] = await Promise.all([operands(matcher, read, observation), process === null ? undefined : read(process)]);
      if (reading === undefined) return { field, relation: 'equal', expected: matcherText(matcher), actual: null };
      return testField({ field, matcher, reading, operand: (name) => others.get(name) });
    }),
  );
  return { held: found.filter((miss) => miss === null).length, miss: found.find((miss) => miss !== null) ?? null };
}

/** The same fact of the processes that a relation names: "host" is process 1 of the guest. */
export async function operands(matcher: Matcher, read: Read, observation: Observation): Promise<ReadonlyMap<string, Reading>> {
  const found = new Map<string, Reading>();
  if (typeof matcher !== 'object') return found;
  for (const name of [matcher['same-as'], matcher['differs-from']]) {
    if (name === undefined) continue;
    const process = processNamed(name, observation);
    const reading = process === undefined ? undefined : await read(process);
    if (reading !== undefined) found.set(name, reading);
  }
  return found;
}

function processNamed(name: string, observation: Observation): Process | undefined {
  const [kind, of] = splitOperand(name);
  if (kind === 'host') return hostOf(observation);
  const container = kind === 'container' ? findContainer(observation.engine, of) : undefined;
  return container === undefined ? undefined : initOf(container, observation);
}
