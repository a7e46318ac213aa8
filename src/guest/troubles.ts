import type { Disposable } from '../base/disposable.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { agentKind } from '../protocol/agent.ts';
import type { TroubleEntry } from '../protocol/log.ts';
import type { GuestChannel } from './channel.ts';

/** What the log takes of it; sequence and time are the log's. */
export type GuestTrouble = Pick<TroubleEntry, 'kind' | 'container' | 'message' | 'over'>;

/** Tells of what the agent had put off (a container's files, after it was removed) and could not do, or could after all. */
export function watchTroubles(channel: GuestChannel, listener: (trouble: GuestTrouble) => void): Disposable {
  return channel.onOpen(agentKind.trouble, (stream) => {
    stream.closed.catch(() => undefined);
    stream.reply(encodeRecord('empty', {}));
    stream.close(encodeRecord('empty', {})).catch(() => undefined);
    const { container, message, over } = decodeRecord('troubleSpec', stream.record);
    listener({ kind: 'trouble', container, message, over: over !== 0 });
  });
}
