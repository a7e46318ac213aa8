import { Emitter } from '../base/events.ts';
import type { ByteSink, ByteSource } from '../base/streams.ts';
import type { CliSession, TerminalSize } from '../cli/session.ts';
import type { GuestChannel, IncomingGuestStream } from '../guest/channel.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { lane, noteKind } from '../protocol/agent.ts';
import type { HttpHandler } from '../protocol/http.ts';
import { callerFiles } from './caller-files.ts';
import { callerFolders } from './caller-folders.ts';
import { toldSink, type ToldSink } from './told-sink.ts';

const ttyBit = { stdin: 1, stdout: 2, stderr: 4 } as const;

export interface HeldSession {
  readonly session: CliSession;
  /** What the exit of a process does: its requests are cancelled, and what is still written goes nowhere. */
  end(): void;
}

/** A `docker` that was executed in the guest, as the command line wants it. The agent holds the caller's three descriptors. */
export function cliSession(stream: IncomingGuestStream, channel: GuestChannel, engine: HttpHandler): HeldSession {
  const life = new AbortController();
  const session = sessionOn(stream, channel, {
    life: life.signal,
    sink: (sink) => sinkUntilEnd(sink, life.signal),
    engine: (request) => engine({ ...request, signal: AbortSignal.any([request.signal, life.signal]) }),
  });
  return { session, end: () => life.abort() };
}

function sinkUntilEnd(sink: ByteSink, life: AbortSignal): ByteSink {
  return {
    write: (chunk) =>
      sink.write(chunk).catch((error: unknown) => {
        if (!life.aborted) throw error;
      }),
    close: () => sink.close(),
    abort: (reason) => sink.abort(reason),
  };
}

interface Ends {
  readonly life: AbortSignal;
  /** Of the session's life. */
  sink(sink: ByteSink): ByteSink;
  readonly engine: HttpHandler;
}

function sessionOn(stream: IncomingGuestStream, channel: GuestChannel, { life, sink, engine }: Ends): CliSession {
  const spec = decodeRecord('cliSpec', stream.record);
  const told = new Map<number, ToldSink>();
  const signals = new Emitter<number>();
  const resized = new Emitter<TerminalSize>();
  let size: TerminalSize = { rows: spec.rows, columns: spec.columns };
  stream.onNote(({ kind, record }) => {
    if (kind === noteKind.signal) signals.emit(decodeRecord('signalNote', record).signal);
    if (kind === noteKind.written) {
      const note = decodeRecord('written', record);
      told.get(note.lane)?.written(note);
    }
    if (kind !== noteKind.resize) return;
    size = decodeRecord('windowSize', record);
    resized.emit(size);
  });
  /** Of stdout or stderr; what a file or a device refuses is told of. */
  const output = (number: number, bit: number, name: string): ByteSink => {
    const plain = stream.lane(number).sink;
    if ((spec.told & bit) === 0) return sink(plain);
    const answered = toldSink(plain, name, life);
    told.set(number, answered);
    return sink(answered.sink);
  };
  return {
    argv: spec.argv,
    env: Object.fromEntries(spec.env.map(splitAssignment)),
    cwd: spec.cwd,
    stdin: { source: wantedStdin(stream), isTty: (spec.tty & ttyBit.stdin) !== 0 },
    stdout: { sink: output(lane.stdout, ttyBit.stdout, '/dev/stdout'), isTty: (spec.tty & ttyBit.stdout) !== 0 },
    stderr: { sink: output(lane.stderr, ttyBit.stderr, '/dev/stderr'), isTty: (spec.tty & ttyBit.stderr) !== 0 },
    terminal:
      spec.tty === 0
        ? null
        : {
            size: () => size,
            onResize: (listener) => resized.event(listener),
            setRaw(raw) {
              stream.note(noteKind.ttyMode, encodeRecord('ttyMode', { raw: raw ? 1 : 0 }));
              return Promise.resolve();
            },
          },
    onSignal: (listener) => signals.event(listener),
    ...callerFiles(channel, spec),
    folders: callerFolders(channel, spec),
    engine,
  };
}

function splitAssignment(assignment: string): [string, string] {
  const equals = assignment.indexOf('=');
  return equals < 0 ? [assignment, ''] : [assignment.slice(0, equals), assignment.slice(equals + 1)];
}

/** The caller's stdin: the agent starts reading it when the first read here asks, so that what docker does not take stays for the shell. */
function wantedStdin(stream: IncomingGuestStream): ByteSource {
  const { source } = stream.lane(lane.main);
  const want = (wanted: 0 | 1): void => stream.note(noteKind.stdin, encodeRecord('stdinNote', { wanted }));
  let asked = false;
  return {
    read() {
      if (!asked) want(1);
      asked = true;
      return source.read();
    },
    cancel(reason) {
      if (asked) want(0);
      source.cancel(reason);
    },
  };
}
