import type { Disposable } from '../base/disposable.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, noteKind, type AgentRecord } from '../protocol/agent.ts';
import type { ExecEntry } from '../protocol/log.ts';
import type { GuestChannel } from './channel.ts';

/** What the log takes of an exec; sequence and time are the log's. */
export type GuestExec = Pick<ExecEntry, 'kind' | 'pid' | 'argv' | 'tty' | 'namespaces'>;

/**
 * Tells of every program that is executed in the guest (proc connector) until disposed. It costs the guest a few reads of /proc for each
 * exec, so it is asked for only while somebody looks. The agent reads before the program's first instruction; only one whose exec fails
 * half way, killed by the kernel, has no argv and no name spaces.
 */
export function watchExecs(channel: GuestChannel, listener: (exec: GuestExec) => void): Disposable {
  const stream = channel.open(hostKind.watchExecs, encodeRecord('empty', {}));
  stream.reply.catch(() => undefined);
  stream.closed.catch(() => undefined);
  const notes = stream.onNote(({ kind, record }) => {
    if (kind === noteKind.execEvent) listener(toExec(decodeRecord('execEvent', record)));
  });
  return {
    dispose() {
      notes.dispose();
      stream.reset();
    },
  };
}

/** Name spaces come as the kernel writes them, "pid:[4026531836]". */
function toExec({ pid, argv, tty, namespaces }: AgentRecord<'execEvent'>): GuestExec {
  const pairs = namespaces.flatMap((text) => {
    const colon = text.indexOf(':');
    return colon < 0 ? [] : [[text.slice(0, colon), text.slice(colon + 1)] as const];
  });
  return { kind: 'exec', pid, argv, tty: tty !== 0, namespaces: Object.fromEntries(pairs) };
}
