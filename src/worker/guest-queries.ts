import { fromUtf8, utf8 } from '../base/bytes.ts';
import type { Root } from '../engine/containers/files/view.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { splitDevice, type Fact, type FactResult, type FileStat as GuestStat } from '../protocol/facts.ts';
import { guestReadLimit, type FileStat, type GuestAnswer, type GuestQuery, type GuestTarget } from '../protocol/playground.ts';
import type { Host } from './host.ts';

const noEntry = 2;
const notDirectory = 20;

/** Answers the page's questions about files, those about one target in one round trip. */
export async function answerQueries(host: Host, queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]> {
  const answers = new Map<GuestQuery, GuestAnswer>();
  const groups = new Map<string, GuestQuery[]>();
  for (const query of queries) {
    const key = JSON.stringify(query.target);
    groups.set(key, [...(groups.get(key) ?? []), query]);
  }
  await Promise.all(
    [...groups.values()].map(async (group) => {
      const found = await answerGroup(host, group);
      group.forEach((query, index) => answers.set(query, found[index] ?? failed(query, new AppError('internal', 'no answer'))));
    }),
  );
  return queries.map((query) => answers.get(query) ?? failed(query, new AppError('internal', 'no answer')));
}

async function answerGroup(host: Host, group: readonly GuestQuery[]): Promise<readonly GuestAnswer[]> {
  const target = group[0]?.target ?? { kind: 'guest' };
  try {
    const results = await resolveTarget(host, target, (root) => host.guest.facts.inspect(group.map((query) => toFact(query, root))));
    return group.map((query, index) => toAnswer(query, results[index]));
  } catch (thrown) {
    return group.map((query) => failed(query, toAppError(thrown)));
  }
}

function resolveTarget<T>(host: Host, target: GuestTarget, use: (root: Root) => Promise<T>): Promise<T> {
  switch (target.kind) {
    case 'guest':
      return use({ root: '' });
    case 'process':
      return use({ pid: target.pid });
    case 'container':
      return host.withContainerRoot(target.container, use);
  }
}

function toFact({ op, path }: GuestQuery, root: Root): Fact {
  const max = { ...(op === 'read' ? { max: guestReadLimit + 1 } : {}) };
  const fact = { op: op === 'stat' ? ('lstat' as const) : op, ...max };
  if ('root' in root) return { ...fact, path, root: root.root };
  // The agent's own /proc/self is not what was asked for.
  if (path.startsWith('/proc/self/')) return { ...fact, path: `/proc/${root.pid}/${path.slice('/proc/self/'.length)}` };
  return { ...fact, path, pid: root.pid };
}

function toAnswer(query: GuestQuery, result: FactResult | undefined): GuestAnswer {
  if (result === undefined) return failed(query, new AppError('internal', 'no answer'));
  if (result.errno !== 0) return failed(query, fileError(query.path, result.errno));
  switch (query.op) {
    case 'read':
      return { ok: true, op: 'read', ...cut(result.text) };
    case 'readlink':
      return { ok: true, op: 'readlink', target: result.text };
    case 'list':
      return { ok: true, op: 'list', names: result.names };
    case 'stat':
      return result.stat === null ? failed(query, fileError(query.path, noEntry)) : { ok: true, op: 'stat', stat: toStat(result.stat) };
  }
}

function cut(text: string): { readonly text: string; readonly truncated: boolean } {
  const bytes = utf8(text);
  if (bytes.length <= guestReadLimit) return { text, truncated: false };
  return { text: fromUtf8(bytes.subarray(0, guestReadLimit)), truncated: true };
}

function fileError(path: string, errno: number): AppError {
  if (errno === noEntry || errno === notDirectory) return new AppError('not_found', `${path}: no such file or directory`);
  return new AppError('internal', `${path}: errno ${errno}`, { detail: { errno } });
}

function failed({ op }: GuestQuery, { kind, message }: AppError): GuestAnswer {
  return { ok: false, op, kind, message };
}

const fileTypes: Readonly<Record<number, FileStat['type']>> = {
  0o140000: 'socket',
  0o120000: 'symlink',
  0o100000: 'file',
  0o060000: 'block',
  0o040000: 'directory',
  0o020000: 'character',
  0o010000: 'fifo',
};

function toStat(stat: GuestStat): FileStat {
  return {
    type: fileTypes[stat.mode & 0o170000] ?? 'file',
    mode: stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    size: stat.size,
    inode: stat.ino,
    device: splitDevice(stat.dev),
    rdev: splitDevice(stat.rdev),
    modifiedNano: `${stat.mtime}000000000`,
  };
}
