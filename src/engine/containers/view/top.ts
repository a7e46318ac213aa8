import { AppError } from '../../../base/errors.ts';
import type { ContainerTopResponse } from '../../../protocol/engine-api.ts';
import type { Fact, FactResult } from '../../../protocol/facts.ts';
import type { Container } from '../container.ts';
import { cgroupOf, logContainerEvent, type Needs } from '../context.ts';
import { parsePsArguments, type PsOptions } from './ps/arguments.ts';
import { psLines } from './ps/lines.ts';
import { parseProcess, type HostFiles, type Process } from './ps/process.ts';
import { isRestarting, notRunning } from '../state.ts';

/** Each column costs a cell per process, in the one thread that all share; execve(2) refuses more than 128 KiB. */
const maxArguments = 4096;

/** GET /containers/{id}/top: what ps(1) of the Docker host would show of the container's cgroup. @param psArguments '' is "-ef" */
export async function topContainer(
  context: Needs<'store' | 'runtime' | 'events' | 'clock'>,
  reference: string,
  psArguments: string,
): Promise<ContainerTopResponse> {
  if (psArguments.length > maxArguments) throw new AppError('internal', 'ps: fork/exec /usr/bin/ps: argument list too long');
  refuseOtherPids(psArguments);
  const container = context.store.find(reference);
  if (container.run === null && container.state.status !== 'restarting') throw notRunning(container.id);
  if (container.state.status === 'restarting') throw new AppError('conflict', isRestarting(container.id));
  const { host, pids } = await readHost(context, container);
  const known = (name: string): boolean => host.passwd.split('\n').some((line) => line.startsWith(`${name}:`));
  const options = parsePsArguments(psArguments === '' ? '-ef' : psArguments, known);
  const processes = await readProcesses(context, pids, host, options);
  const answer = parsePsLines(psLines(options, processes));
  logContainerEvent(context, container, 'top');
  return answer;
}

/** As dockerd's validatePSArgs: no other column may call itself PID. */
function refuseOtherPids(psArguments: string): void {
  for (const [, name = '', title = ''] of psArguments.matchAll(/\s(\S*)=\s*(PID\S*)/g)) {
    if (name !== 'pid') throw new AppError('internal', `specifying "${name}=${title}" is not allowed`);
  }
}

/** As dockerd's parsePSOutput: words under the first line's words; what is too many belongs to the last. */
function parsePsLines(lines: readonly string[]): ContainerTopResponse {
  const [titles = [], ...rows] = lines.map(wordsOf);
  const at = titles.indexOf('PID');
  if (at < 0) throw new AppError('internal', "Couldn't find PID field in ps output");
  const processes = rows.map((words) => {
    const pid = words[at] ?? '';
    if (!/^[+-]?\d+$/.test(pid)) throw new AppError('internal', `Unexpected pid '${pid}': strconv.Atoi: parsing "${pid}": invalid syntax`);
    const last = titles.length - 1;
    return words.length <= titles.length ? words : [...words.slice(0, last), words.slice(last).join(' ')];
  });
  return { Titles: titles, Processes: processes };
}

function wordsOf(line: string): string[] {
  return line.split(/[\t\n\v\f\r ]+/).filter((word) => word !== '');
}

async function readHost(
  { runtime, clock }: Needs<'runtime' | 'clock'>,
  container: Container,
): Promise<{ host: HostFiles; pids: number[] }> {
  const procs = `/sys/fs/cgroup/${cgroupOf(container)}/cgroup.procs`;
  const paths = [procs, '/proc/uptime', '/proc/meminfo', '/etc/passwd', '/etc/group'];
  const results = await runtime.facts.inspect(paths.map((path): Fact => ({ op: 'read', path })));
  const [list = '', uptime = '', meminfo = '', passwd = '', group = ''] = results.map(({ text }) => text);
  const pids = list.split('\n').flatMap((line) => (line === '' ? [] : [Number(line)]));
  return { host: { now: clock.now(), uptime, meminfo, passwd, group }, pids };
}

/** Those of the processes, or their threads, that are still there. Of their files only what the columns ask for is read. */
async function readProcesses(context: Needs<'runtime'>, pids: readonly number[], host: HostFiles, options: PsOptions): Promise<Process[]> {
  const { facts } = context.runtime;
  const columns = [...options.columns, ...options.sort.map(({ column }) => column)];
  const extra = columns.flatMap(({ needs }) => needs).concat(options.environment ? ['environ'] : []);
  const names = [...new Set(['stat', 'status', 'cmdline', ...extra])];
  const folders = options.threads ? await threadFolders(context, pids) : pids.map((pid) => ({ pid, tid: pid, folder: `/proc/${pid}` }));
  const questions = folders.flatMap(({ folder }) =>
    names.map((name): Fact => ({ op: isLink(name) ? 'readlink' : 'read', path: `${folder}/${name}` })),
  );
  const results = await facts.inspect(questions);
  return folders.flatMap(({ pid, tid }, index) => {
    const own = results.slice(index * names.length, (index + 1) * names.length);
    if (own[0]?.errno !== 0) return [];
    return [parseProcess({ pid, tid, files: filesOf(names, own) }, host)];
  });
}

function filesOf(names: readonly string[], results: readonly FactResult[]): ReadonlyMap<string, string> {
  return new Map(names.map((name, index) => [name, results[index]?.text ?? '']));
}

interface Folder {
  readonly pid: number;
  readonly tid: number;
  readonly folder: string;
}

async function threadFolders({ runtime }: Needs<'runtime'>, pids: readonly number[]): Promise<Folder[]> {
  const lists = await runtime.facts.inspect(pids.map((pid): Fact => ({ op: 'list', path: `/proc/${pid}/task` })));
  return lists.flatMap(({ names }, index) => {
    const pid = pids[index] ?? 0;
    return names.map((name) => ({ pid, tid: Number(name), folder: `/proc/${pid}/task/${name}` }));
  });
}

function isLink(name: string): boolean {
  return name === 'exe' || name.startsWith('ns/');
}
