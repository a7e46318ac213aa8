import { concatBytes } from '../base/bytes.ts';
import { AppError } from '../base/errors.ts';
import { Emitter } from '../base/events.ts';
import type { ByteSink, ByteSource } from '../base/streams.ts';
import type { CliSession, TerminalSize } from '../cli/session.ts';
import type { GuestChannel, IncomingGuestStream } from '../guest/channel.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, lane, noteKind } from '../protocol/agent.ts';
import type { HttpHandler } from '../protocol/http.ts';

const ttyBit = { stdin: 1, stdout: 2, stderr: 4 } as const;
const readOperation = 1;
/** Of --env-file and its like, in bytes. */
const fileLimit = 16 * 1024 * 1024;
const pieceBytes = 32 * 1024;
const errno = { noEntry: 2, access: 13, isDirectory: 21 } as const;

export interface HeldSession {
  readonly session: CliSession;
  /** What the exit of a process does: its requests are cancelled, and what is still written goes nowhere. */
  end(): void;
}

/** A `docker` that was executed in the guest, as the command line wants it. The agent holds the caller's three descriptors. */
export function cliSession(stream: IncomingGuestStream, channel: GuestChannel, engine: HttpHandler): HeldSession {
  const life = new AbortController();
  const session = sessionOn(stream, channel, {
    sink: (number) => mortalSink(stream.lane(number).sink, life.signal),
    engine: (request) => engine({ ...request, signal: AbortSignal.any([request.signal, life.signal]) }),
  });
  return { session, end: () => life.abort() };
}

function mortalSink(sink: ByteSink, life: AbortSignal): ByteSink {
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
  sink(lane: number): ByteSink;
  readonly engine: HttpHandler;
}

function sessionOn(stream: IncomingGuestStream, channel: GuestChannel, { sink, engine }: Ends): CliSession {
  const spec = decodeRecord('cliSpec', stream.record);
  const signals = new Emitter<number>();
  const resized = new Emitter<TerminalSize>();
  let size: TerminalSize = { rows: spec.rows, columns: spec.columns };
  stream.onNote(({ kind, record }) => {
    if (kind === noteKind.signal) signals.emit(decodeRecord('signalNote', record).signal);
    if (kind !== noteKind.resize) return;
    size = decodeRecord('windowSize', record);
    resized.emit(size);
  });
  const absolute = (path: string): string => (path.startsWith('/') ? path : `${spec.cwd === '/' ? '' : spec.cwd}/${path}`);
  return {
    argv: spec.argv,
    env: Object.fromEntries(spec.env.map(splitAssignment)),
    cwd: spec.cwd,
    stdin: { source: wantedStdin(stream), isTty: (spec.tty & ttyBit.stdin) !== 0 },
    stdout: { sink: sink(lane.stdout), isTty: (spec.tty & ttyBit.stdout) !== 0 },
    stderr: { sink: sink(lane.stderr), isTty: (spec.tty & ttyBit.stderr) !== 0 },
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
    readFile: (path) => readGuestFile(channel, absolute(path), path),
    writeFile: (path, contents) => writeGuestFile(channel, absolute(path), path, contents, { uid: spec.uid, gid: spec.gid }),
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

/** In pieces that fit a frame. */
async function readGuestFile(channel: GuestChannel, path: string, shown: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let offset = 0; offset <= fileLimit; offset += pieceBytes) {
    const record = encodeRecord('inspectSpec', { items: [{ op: readOperation, path, max: pieceBytes, offset: BigInt(offset) }] });
    const { results } = decodeRecord('inspectReply', await channel.open(hostKind.inspect, record).reply);
    const result = results[0];
    if (result === undefined) throw new AppError('internal', `no answer for ${path}`);
    if (result.error !== 0) throw openError(shown, result.error);
    pieces.push(result.data);
    if (result.data.length < pieceBytes) return concatBytes(pieces);
  }
  throw new AppError('exhausted', `read ${shown}: more than ${fileLimit} bytes`);
}

function openError(path: string, number: number): AppError {
  if (number === errno.noEntry) return new AppError('not_found', `open ${path}: no such file or directory`);
  if (number === errno.access) return new AppError('forbidden', `open ${path}: permission denied`);
  if (number === errno.isDirectory) return new AppError('invalid', `read ${path}: is a directory`);
  return new AppError('internal', `open ${path}: errno ${number}`);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

async function writeGuestFile(channel: GuestChannel, path: string, shown: string, contents: Uint8Array, owner: Owner): Promise<void> {
  const record = encodeRecord('writeSpec', { files: [{ path, mode: 0o644, contents, ...owner }] });
  await channel.open(hostKind.write, record).reply.catch((error: unknown) => {
    const number = error instanceof AppError ? error.detail['errno'] : undefined;
    throw typeof number === 'number' ? openError(shown, number) : error;
  });
}
