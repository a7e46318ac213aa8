import { AppError } from '../base/errors.ts';
import { Emitter, type Event } from '../base/events.ts';
import type { ByteSink, ByteSource } from '../base/streams.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { lane, noteKind } from '../protocol/agent.ts';
import type { GuestStream } from './channel.ts';

export interface ProcessExit {
  /** 128 + signal when a signal ended it. */
  readonly code: number;
  readonly signal: number;
  readonly oomKilled: boolean;
}

export interface GuestProcess {
  readonly handle: number;
  readonly pid: number;
  readonly stdin: ByteSink | null;
  readonly stdout: ByteSource;
  readonly stderr: ByteSource | null;
  resize(size: { readonly rows: number; readonly columns: number }): void;
  readonly exited: Promise<ProcessExit>;
  readonly oom: Event<void>;
  /** Ends the stream at once; the agent hangs up what it started in the guest. Idempotent. */
  hangUp(): void;
}

interface Shape {
  readonly tty: boolean;
  readonly openStdin: boolean;
}

/** A process whose stream was answered with `started`. */
export function processOn(stream: GuestStream, pid: number, { tty, openStdin }: Shape): GuestProcess {
  const oom = new Emitter<void>();
  let settle: (exit: ProcessExit) => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const exited = new Promise<ProcessExit>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });
  exited.catch(() => undefined);
  stream.onNote(({ kind, record }) => {
    if (kind === noteKind.oom) oom.emit();
    if (kind === noteKind.exited) settle(toExit(record));
  });
  stream.closed.then(() => fail(new AppError('internal', 'the agent closed the stream before the exit')), fail);
  return {
    handle: stream.id,
    pid,
    stdin: openStdin ? stream.lane(lane.main).sink : null,
    stdout: stream.lane(tty ? lane.main : lane.stdout).source,
    stderr: tty ? null : stream.lane(lane.stderr).source,
    resize(size) {
      if (tty) stream.note(noteKind.resize, encodeRecord('windowSize', size));
    },
    exited,
    oom: oom.event,
    hangUp: () => stream.reset(),
  };
}

function toExit(record: Uint8Array): ProcessExit {
  const { code, signal, oomKilled } = decodeRecord('exited', record);
  return { code: signal > 0 ? 128 + signal : code, signal, oomKilled: oomKilled !== 0 };
}
