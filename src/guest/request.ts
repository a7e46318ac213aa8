import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import type { AgentRecord, AgentRecordInput, RecordName } from '../protocol/agent.ts';
import type { ByteSource } from '../base/streams.ts';
import type { GuestChannel, GuestStream } from './channel.ts';

interface Shape<Q extends RecordName, A extends RecordName> {
  /** Of `hostKind`. */
  readonly kind: number;
  readonly ask: Q;
  readonly answer: A;
}

/** One request and its reply. Rejects with the agent's AppError (`detail.errno`, `detail.stage`) or `unavailable`. */
export async function request<Q extends RecordName, A extends RecordName>(
  channel: GuestChannel,
  { kind, ask, answer }: Shape<Q, A>,
  values: AgentRecordInput<Q>,
): Promise<AgentRecord<A>> {
  const stream = channel.open(kind, encodeRecord(ask, values));
  stream.closed.catch(() => undefined);
  return decodeRecord(answer, await stream.reply);
}

/** What the agent sends on one lane, once it has said that it will; who cancels it ends the stream. */
export async function sourceOf(stream: GuestStream, lane: number): Promise<ByteSource> {
  stream.closed.catch(() => undefined);
  await stream.reply;
  const { source } = stream.lane(lane);
  return {
    read: () => source.read(),
    cancel(reason) {
      source.cancel(reason);
      stream.reset();
    },
  };
}
