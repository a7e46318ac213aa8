import { z } from 'zod';
import type { ContainerInspect } from '../../protocol/engine-api.ts';
import type { GuestQuery, GuestTarget } from '../../protocol/playground.ts';
import { matcherText, testField } from '../check/candidates.ts';
import { boolean, list, number, text } from '../check/container-fields.ts';
import type { Miss, Want } from '../check/finding.ts';
import type { Reading } from '../check/match.ts';
import { parseMountinfo, type Mount } from '../check/mountinfo.ts';
import { definePredicate, type Found } from '../check/predicate.ts';
import { findContainer, splitOperand, type Observation } from '../check/observation.ts';
import type { Words } from '../catalogue/catalogue.ts';
import { actualOf, attributes, missClause, placeName } from '../catalogue/en-fields.ts';
import { lazily } from '../format/lazily.ts';
import { held, matcher, matcherMap, type Matcher } from '../format/matcher.ts';

const shape = /* @__PURE__ */ lazily(() => ({
  comm: matcher().optional().describe('Name of the process (Name in /proc/PID/status).'),
  uid: matcher().optional().describe('Effective user id in the initial user namespace.'),
  capEff: matcher().optional().describe('Effective capabilities as 16 hexadecimal digits (CapEff).'),
  noNewPrivs: matcher().optional().describe('NoNewPrivs: 0 or 1.'),
  seccomp: matcher().optional().describe('Seccomp mode: 0, 1 or 2.'),
  nsPid: matcher().optional().describe('Process id in its innermost pid namespace (last of NSpid).'),
  namespaces: matcherMap()
    .optional()
    .describe('Namespace links by type (cgroup ipc mnt net pid time user uts), e.g. net: { same-as: host }.'),
  cgroup: matcherMap().optional().describe('Files of its cgroup by name, e.g. memory.max: 64M.'),
  mounts: z
    .record(
      z.string().startsWith('/'),
      z.strictObject({
        type: matcher().optional().describe('File system type.'),
        readonly: matcher().optional().describe('Whether the mount is read-only.'),
        options: matcher().optional().describe('Mount and superblock options as a list, e.g. { contains: size=8192k }.'),
      }),
    )
    .optional()
    .describe('Mounts by mount point.'),
}));

/** What the kernel says of a process. */
export const kernelMatch = /* @__PURE__ */ lazily(() => z.strictObject(shape()).meta({ id: 'kernel-match' }));
export type KernelMatch = z.infer<ReturnType<typeof kernelMatch>>;

export const schema = /* @__PURE__ */ lazily(() =>
  z
    .strictObject({
      of: z
        .string()
        .regex(/^container:.+$/, '"container:NAME"')
        .describe('Whose init process is looked at.'),
      ...shape(),
      for: held(),
    })
    .describe("The kernel says this of a container's init."),
);
export type KernelPredicate = z.infer<ReturnType<typeof schema>>;

/** `miss` is null and `ok` false when the container is not there: `absent`. */
interface Finding {
  readonly ok: boolean;
  /** "container:NAME". */
  readonly where: string;
  readonly wanted: readonly Want[];
  readonly miss: Miss | null;
  readonly absent: boolean;
}

type StatusField = Exclude<keyof KernelMatch, 'namespaces' | 'cgroup' | 'mounts'>;

/** Fields of /proc/PID/status (proc_pid_status(5)). */
const statusFields: Readonly<Record<StatusField, (status: ReadonlyMap<string, string>) => Reading | undefined>> = {
  comm: (status) => textOf(status.get('Name')),
  uid: (status) => numberOf(status.get('Uid')?.split(/\s+/)[1]),
  capEff: (status) => textOf(status.get('CapEff')),
  noNewPrivs: (status) => numberOf(status.get('NoNewPrivs')),
  seccomp: (status) => numberOf(status.get('Seccomp')),
  nsPid: (status) => numberOf(status.get('NSpid')?.split(/\s+/).at(-1)),
};

const isStatusField = (key: string): key is StatusField => Object.hasOwn(statusFields, key);
const textOf = (value: string | undefined): Reading | undefined => (value === undefined ? undefined : text(value));
const numberOf = (value: string | undefined): Reading | undefined => (value === undefined ? undefined : number(Number(value)));

const mountReadings: Readonly<Record<'type' | 'readonly' | 'options', (mount: Mount) => Reading>> = {
  type: (mount) => text(mount.type),
  readonly: (mount) => boolean(mount.options.includes('ro')),
  options: (mount) => list([...mount.options, ...mount.superOptions]),
};

interface KernelWant extends Want {
  readonly read: (process: Process) => Promise<Reading | undefined>;
}

/** A process whose kernel facts are read: its own /proc entry as `/proc/self`, or an entry of the guest's. */
interface Process {
  readonly target: GuestTarget;
  readonly root: string;
  readonly observation: Observation;
}

function wants(match: KernelMatch): KernelWant[] {
  const fields = Object.keys(match)
    .filter(isStatusField)
    .flatMap((field) => wantOf(field, match[field], async (process) => statusFields[field](await statusOf(process))));
  const namespaces = Object.entries(match.namespaces ?? {}).flatMap(([type, matcher]) =>
    wantOf(`namespaces.${type}`, matcher, (process) => namespaceOf(process, type)),
  );
  const cgroup = Object.entries(match.cgroup ?? {}).flatMap(([file, matcher]) =>
    wantOf(`cgroup.${file}`, matcher, (process) => cgroupFileOf(process, file)),
  );
  const mounts = Object.entries(match.mounts ?? {}).flatMap(([path, { type, readonly, options }]) =>
    Object.entries({ type, readonly, options }).flatMap(([field, matcher]) =>
      wantOf(`mounts.${path}.${field}`, matcher, (process) => mountOf(process, path, field)),
    ),
  );
  return [...fields, ...namespaces, ...cgroup, ...mounts];
}

const wantOf = (field: string, matcher: Matcher | undefined, read: KernelWant['read']): KernelWant[] =>
  matcher === undefined ? [] : [{ field, matcher, read }];

export const kernelWants = (match: KernelMatch): readonly Want[] => wants(match).map(({ field, matcher }) => ({ field, matcher }));

async function readText({ target, observation }: Process, path: string): Promise<string | undefined> {
  const answer = await observation.guest.read({ target, op: 'read', path });
  return answer.ok && answer.op === 'read' ? answer.text : undefined;
}

async function statusOf(process: Process): Promise<ReadonlyMap<string, string>> {
  const lines = (await readText(process, `${process.root}/status`))?.split('\n') ?? [];
  return new Map(
    lines.flatMap((line) =>
      line.includes(':') ? [[line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()] as const] : [],
    ),
  );
}

async function namespaceOf({ target, root, observation }: Process, type: string): Promise<Reading | undefined> {
  const query: GuestQuery = { target, op: 'readlink', path: `${root}/ns/${type}` };
  const answer = await observation.guest.read(query);
  return answer.ok && answer.op === 'readlink' ? text(answer.target) : undefined;
}

/** cgroup v2 has one line `0::/path` in /proc/PID/cgroup (cgroups(7)). */
async function cgroupFileOf(process: Process, file: string): Promise<Reading | undefined> {
  const path = /^0::(.*)$/m.exec((await readText(process, `${process.root}/cgroup`)) ?? '')?.[1];
  if (path === undefined) return undefined;
  const contents = await readText({ ...process, target: { kind: 'guest' } }, `/sys/fs/cgroup${path}/${file}`);
  if (contents === undefined) return undefined;
  const value = contents.trim();
  return /^\d+$/.test(value) ? { kind: 'bytes', value: Number(value) } : text(value);
}

async function mountOf(process: Process, path: string, field: string): Promise<Reading | undefined> {
  const mounts = parseMountinfo((await readText(process, `${process.root}/mountinfo`)) ?? '');
  const mount = mounts.findLast(({ target }) => target === path);
  if (mount === undefined || (field !== 'type' && field !== 'readonly' && field !== 'options')) return undefined;
  return mountReadings[field](mount);
}

const processOf = (container: ContainerInspect, observation: Observation): Process => ({
  target: { kind: 'container', container: container.Id },
  root: '/proc/self',
  observation,
});

/** Null when the kernel says so of the container's init. A container that does not run has no init, and nothing holds of it. */
export async function kernelMiss(match: KernelMatch, container: ContainerInspect, observation: Observation): Promise<Miss | null> {
  for (const { field, matcher, read } of wants(match)) {
    const others = await operands(matcher, read, observation);
    const reading = container.State.Running ? await read(processOf(container, observation)) : undefined;
    if (reading === undefined) return { field, relation: 'equal', expected: matcherText(matcher), actual: null };
    const miss = testField({ field, matcher, reading, operand: (name) => others.get(name) });
    if (miss !== null) return miss;
  }
  return null;
}

/** The same fact of the processes that a relation names: "host" is process 1 of the guest. */
async function operands(matcher: Matcher, read: KernelWant['read'], observation: Observation): Promise<ReadonlyMap<string, Reading>> {
  const found = new Map<string, Reading>();
  if (typeof matcher !== 'object') return found;
  for (const name of [matcher['same-as'], matcher['differs-from']]) {
    if (name === undefined) continue;
    const [kind, of] = splitOperand(name);
    const container = kind === 'container' ? findContainer(observation.engine, of) : undefined;
    const process =
      kind === 'host'
        ? { target: { kind: 'guest' } as const, root: '/proc/1', observation }
        : container === undefined
          ? undefined
          : processOf(container, observation);
    const reading = process === undefined ? undefined : await read(process);
    if (reading !== undefined) found.set(name, reading);
  }
  return found;
}

async function find({ of: where, for: _for, ...match }: KernelPredicate, observation: Observation): Promise<Found<Finding>> {
  const container = findContainer(observation.engine, where.slice('container:'.length));
  const miss = container === undefined ? null : await kernelMiss(match, container, observation);
  const ok = container !== undefined && miss === null;
  return {
    finding: { ok, where, wanted: kernelWants(match), miss, absent: container === undefined },
    identity: container === undefined ? '' : `${container.Id} ${container.State.StartedAt}`,
  };
}

function words({ ok, where, wanted, miss, absent }: Finding): Words {
  const name = placeName(where);
  const expected = `${name} ${attributes(wanted)}`;
  if (ok) return { expected, actual: expected, sentence: `The kernel has ${expected}.` };
  if (absent || miss === null)
    return { expected, actual: `no ${name}`, sentence: `There is no container ${name} that the kernel could be asked about.` };
  return { expected, actual: actualOf(miss), sentence: `The kernel says of ${name}: ${missClause(miss)}.` };
}

export const predicate = definePredicate({
  timing: 'level',
  find,
  words: { en: words },
  heldFor: (match) => match.for,
  polled: () => true,
});
