import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { readAll } from '../base/streams.ts';
import { encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, lane, type AgentRecord, type AgentRecordInput } from '../protocol/agent.ts';
import type { Fact, FactResult, FileStat } from '../protocol/facts.ts';
import type { GuestChannel } from './channel.ts';
import { request, sourceOf } from './request.ts';

const operation: Readonly<Record<Fact['op'], number>> = { read: 1, readlink: 2, lstat: 3, list: 4, stat: 5 };
/** Bytes of a read that says no limit. */
const defaultLimit = 1024 * 1024;

/** Questions of one request: few enough that their usual answers fit into one frame (`maxPayloadBytes`). */
const batchItems = 256;
/** Bytes of their paths. */
const batchBytes = 32 * 1024;
/** Of a file that is longer than a frame. */
const pieceBytes = 32 * 1024;
/** errno of an item for which the answer had no room left (EMSGSIZE of Linux). */
const noRoom = 90;

type Item = AgentRecordInput<'inspectItem'>;
type Result = AgentRecord<'inspectResult'>;

/** Reads of the guest, many in one round trip. Satisfies engine/runtime.ts's GuestFacts. */
export class GuestFacts {
  readonly #channel: GuestChannel;

  constructor(channel: GuestChannel) {
    this.#channel = channel;
  }

  /** Answers in the order of the questions; a missing file is an answer. */
  async inspect(facts: readonly Fact[]): Promise<readonly FactResult[]> {
    const results = await this.#askAll(facts);
    return facts.map((fact, index) => toResult(fact, results[index]));
  }

  /** Contents as bytes. Rejects with nothing: `errno` says why not. */
  async read(
    path: string,
    options: { readonly pid?: number; readonly root?: string; readonly max?: number } = {},
  ): Promise<{ readonly errno: number; readonly bytes: Uint8Array }> {
    const [result] = await this.#askAll([{ op: 'read', path, ...options }]);
    return { errno: result?.error ?? 0, bytes: result?.data ?? new Uint8Array() };
  }

  /** As many requests as it takes: what had no room in one answer is asked again in the next, in the end on its own. */
  async #askAll(facts: readonly Fact[]): Promise<readonly (Result | undefined)[]> {
    const results: (Result | undefined)[] = facts.map(() => undefined);
    let pending = facts.map((fact, index) => ({ fact, index }));
    let alone = false;
    while (pending.length > 0) {
      const batch = pending.slice(0, alone ? 1 : batchLength(pending.map(({ fact }) => fact)));
      const answers = await this.#ask(batch.map(({ fact }) => toItem(fact)));
      const again: typeof batch = [];
      for (const [at, asked] of batch.entries()) {
        const { fact, index } = asked;
        const answer = answers[at];
        if (answer?.error !== noRoom) results[index] = answer;
        else if (batch.length > 1) again.push(asked);
        else if (fact.op === 'read') results[index] = await this.#readInPieces(fact);
        else results[index] = fact.op === 'list' ? await this.#listInPieces(fact, answer) : answer;
      }
      alone = again.length > 0 && again[0] === batch[0];
      pending = [...again, ...pending.slice(batch.length)];
    }
    return results;
  }

  async #readInPieces(fact: Fact): Promise<Result | undefined> {
    const { max = defaultLimit } = fact;
    const pieces: Uint8Array[] = [];
    for (let offset = 0; ;) {
      const wanted = Math.min(pieceBytes, max - offset);
      const [piece] = await this.#ask([{ ...toItem(fact), max: wanted, offset: BigInt(offset) }]);
      if (piece === undefined || piece.error !== 0) return piece;
      pieces.push(piece.data);
      offset += piece.data.length;
      if (piece.data.length < wanted || offset >= max) return { ...piece, data: concatBytes(pieces) };
    }
  }

  async #listInPieces({ path, pid = 0, root = '' }: Fact, answer: Result): Promise<Result> {
    const stream = this.#channel.open(hostKind.list, encodeRecord('treeSpec', { path, pid, root }));
    const data = await readAll(await sourceOf(stream, lane.main));
    return { ...answer, error: 0, data };
  }

  async #ask(items: readonly Item[]): Promise<readonly Result[]> {
    const reply = await request(this.#channel, { kind: hostKind.inspect, ask: 'inspectSpec', answer: 'inspectReply' }, { items });
    return reply.results;
  }
}

/** At least one. */
function batchLength(facts: readonly Fact[]): number {
  let bytes = 0;
  const end = facts.slice(0, batchItems).findIndex(({ path }) => (bytes += utf8(path).length) > batchBytes);
  return end < 0 ? batchItems : Math.max(1, end);
}

function toItem({ op, path, pid = 0, root = '', max = defaultLimit }: Fact): Item {
  return { op: operation[op], path, pid, root, max };
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
