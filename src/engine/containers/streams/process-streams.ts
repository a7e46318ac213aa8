import { AppError } from '../../../base/errors.ts';
import { createPipe, pipeTo, type ByteSink, type ByteSource, type Duplex } from '../../../base/streams.ts';
import { unlessAborted } from '../../background.ts';
import type { Clock } from '../../clock.ts';
import type { RunningProcess } from '../../runtime.ts';
import type { Source } from '../../source.ts';
import { OutputHub, type OutputChunk } from './output-hub.ts';

/**
 * After the exit, output that stands still for so long is given up, as in Docker: a process that goes on may hold the pipe. One that goes
 * on writing is given up after as many rounds.
 */
const drainMilliseconds = 2000;
const drainRounds = 5;

export interface AttachSession {
  readonly tty: boolean;
  readonly output: Source<OutputChunk>;
  readonly input: ByteSink | null;
  detach(): void;
}

export interface SessionWishes {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface ProcessStreamsOptions {
  readonly tty: boolean;
  readonly openStdin: boolean;
  /** The process's stdin closes when a client's does: StdinOnce, and every exec. */
  readonly closeStdin: boolean;
}

export interface ConnectOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly keep: (chunk: OutputChunk) => void;
}

/** The three streams of one run of a process, from before its start (clients attach first) until all is read. */
export class ProcessStreams {
  readonly #options: ProcessStreamsOptions;
  readonly #hub = new OutputHub();
  readonly #stdin: Duplex | null;
  #chunks = 0;

  constructor(options: ProcessStreamsOptions) {
    this.#options = options;
    this.#stdin = options.openStdin ? createPipe() : null;
  }

  attach({ stdin, stdout, stderr }: SessionWishes): AttachSession {
    const streams = new Set<OutputChunk['stream']>();
    if (stdout) streams.add('stdout');
    if (stderr) streams.add('stderr');
    const output = this.#hub.attach(streams);
    return {
      tty: this.#options.tty,
      output,
      input: stdin && this.#stdin !== null ? this.#input(this.#stdin.sink, () => output.end()) : null,
      detach: () => output.cancel(),
    };
  }

  /**
   * Joins the process to the clients, until the signal: what the process has to say then is another's.
   * @param options.keep gets every piece of output first
   * @returns a promise of the moment when the process is gone and its output has ended
   */
  async connect(process: RunningProcess, { clock, signal, keep }: ConnectOptions): Promise<void> {
    if (this.#stdin !== null && process.stdin !== null) void pipeTo(this.#stdin.source, process.stdin).catch(() => undefined);
    const sources = [{ stream: 'stdout', source: process.stdout } as const];
    const pumps = [...sources, ...(process.stderr === null ? [] : [{ stream: 'stderr', source: process.stderr } as const])].map(
      ({ stream, source }) => this.#pump(stream, source, { signal, keep }),
    );
    const drained = Promise.all(pumps);
    await unlessAborted(
      process.exited.catch(() => undefined),
      signal,
    );
    this.#hub.release();
    if (signal.aborted) return;
    await this.#drain(drained, clock);
    process.stdout.cancel();
    process.stderr?.cancel();
  }

  /** Sends a piece to the clients that no process wrote, e.g. why an exec failed. */
  say(chunk: OutputChunk): void {
    void this.#hub.write(chunk);
  }

  /** No more output; input is refused from now on. */
  end(): void {
    this.#hub.end();
    this.#stdin?.source.cancel(new AppError('cancelled', 'the process is gone'));
  }

  async #pump(stream: OutputChunk['stream'], source: ByteSource, { signal, keep }: Pick<ConnectOptions, 'signal' | 'keep'>): Promise<void> {
    try {
      for (;;) {
        const data = await source.read();
        if (data === null || signal.aborted) return;
        this.#chunks += 1;
        keep({ stream, data });
        await this.#hub.write({ stream, data });
      }
    } catch {
      // The link is lost: `exited` rejects too, and the supervisor says so.
    }
  }

  async #drain(drained: Promise<unknown>, clock: Clock): Promise<void> {
    for (let round = 0; round < drainRounds; round += 1) {
      const seen = this.#chunks;
      const timer = new AbortController();
      const quiet = clock.after(drainMilliseconds, timer.signal).then(
        () => true,
        () => true,
      );
      const timedOut = await Promise.race([drained.then(() => false), quiet]);
      timer.abort();
      if (!timedOut || seen === this.#chunks) return;
    }
  }

  /** daemon/attach.go and container/stream/attach.go: the end of a client's input closes the process's, or else ends the session. */
  #input(sink: ByteSink, endSession: () => void): ByteSink {
    const close = async (): Promise<void> => {
      if (this.#options.closeStdin && !this.#options.tty) await sink.close();
      else endSession();
    };
    return { write: (chunk) => sink.write(chunk), close, abort: () => void close() };
  }
}
