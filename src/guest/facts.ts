import { fromUtf8 } from '../base/bytes.ts';
import { hostKind, type AgentRecord, type AgentRecordInput } from '../protocol/agent.ts';
import type { Fact, FactResult, FileStat } from '../protocol/facts.ts';
import type { GuestChannel } from './channel.ts';
import { request } from './request.ts';

const operation: Readonly<Record<Fact['op'], number>> = { read: 1, readlink: 2, lstat: 3, list: 4, stat: 5 };
/** Bytes of a read that says no limit. */
const defaultLimit = 1024 * 1024;

type Result = AgentRecord<'inspectResult'>;

/** Reads of the guest, many in one round trip. Satisfies engine/runtime.ts's GuestFacts. */
export class GuestFacts {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Answers in the order of the questions; a missing file is an answer. */
  async inspect(facts: readonly Fact[]): Promise<readonly FactResult[]> {
    const results = await this.#ask(facts);
    return facts.map((fact, index) => toResult(fact, results[index]));
  }

  /** Contents as bytes. Rejects with nothing: `errno` says why not. */
  async read(
    path: string,
    options: { readonly pid?: number; readonly max?: number } = {},
  ): Promise<{ readonly errno: number; readonly bytes: Uint8Array }> {
    const [result] = await this.#ask([{ op: 'read', path, ...options }]);
    return { errno: result?.error ?? 0, bytes: result?.data ?? new Uint8Array() };
  }

  async #ask(facts: readonly Fact[]): Promise<readonly Result[]> {
    const items: AgentRecordInput<'inspectItem'>[] = facts.map(({ op, path, pid = 0, max = defaultLimit }) => ({
      op: operation[op],
      path,
      pid,
      max,
    }));
    const reply = await request(this.#channel, { kind: hostKind.inspect, ask: 'inspectSpec', answer: 'inspectReply' }, { items });
    return reply.results;
  }
}

function toResult({ op }: Fact, result: Result | undefined): FactResult {
  const nothing = { errno: result?.error ?? 0, text: '', names: [], stat: null };
  if (result === undefined || result.error !== 0) return nothing;
  if (op === 'lstat' || op === 'stat') return { ...nothing, stat: toStat(result.stat) };
  const text = fromUtf8(result.data);
  if (op !== 'list') return { ...nothing, text };
  return { ...nothing, names: text.split('\0').filter((name) => name !== '') };
}

function toStat(stat: AgentRecord<'stat'>): FileStat {
  const { mode, uid, gid, link } = stat;
  return {
    mode,
    uid,
    gid,
    link,
    size: Number(stat.size),
    mtime: Number(stat.mtime),
    rdev: Number(stat.rdev),
    ino: Number(stat.ino),
    dev: Number(stat.dev),
  };
}
