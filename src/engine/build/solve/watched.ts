/** A build's steps as those hear of them who watch it. */
import { utf8 } from '../../../base/bytes.ts';
import { toAppError } from '../../../base/errors.ts';
import type { BuildMessage, BuildVertex } from '../../../protocol/build-progress.ts';
import type { Clock } from '../../clock.ts';
import type { OutputChunk } from '../../containers/streams/output-hub.ts';
import { digestOf } from '../../content/verified.ts';

export interface Watcher {
  readonly clock: Clock;
  readonly say: (message: BuildMessage) => void;
}

/** Bytes that a step may write before what it writes is not told any more. */
const mostLogged = 2 * 1024 * 1024;

/** One vertex: begun once, ended once. */
export class WatchedVertex {
  readonly #watcher: Watcher;
  #logged = 0;
  #vertex: BuildVertex;

  /** @param inputs those before it; what they are makes its digest, with the name and whatever tells two of that name apart */
  constructor(watcher: Watcher, name: string, inputs: readonly WatchedVertex[], distinction: string) {
    this.#watcher = watcher;
    const below = inputs.map(({ digest }) => digest);
    const digest = digestOf(utf8(JSON.stringify([name, distinction, below])));
    this.#vertex = { kind: 'vertex', digest, inputs: below, name, started: null, completed: null, cached: false, error: '' };
  }

  get digest(): string {
    return this.#vertex.digest;
  }

  begin(): void {
    this.#tell({ started: this.#watcher.clock.now() });
  }

  end(how: { readonly cached?: boolean; readonly error?: string } = {}): void {
    const now = this.#watcher.clock.now();
    this.#tell({ started: this.#vertex.started ?? now, completed: now, ...how });
  }

  /** Up to BuildKit's limit (solver/llbsolver/vertex, BUILDKIT_STEP_LOG_MAX_SIZE): who watches may not read at all. */
  log({ stream, data }: OutputChunk): void {
    const left = mostLogged - this.#logged;
    if (left <= 0) return;
    this.#logged += data.length;
    this.#sayLog(stream, data.subarray(0, left));
    if (data.length > left) this.#sayLog(stream, utf8('\n[output clipped, log limit 2MiB reached]\n'));
  }

  #sayLog(stream: OutputChunk['stream'], data: Uint8Array): void {
    this.#watcher.say({ kind: 'log', vertex: this.digest, stream, data, timestamp: this.#watcher.clock.now() });
  }

  /** @returns to be called when it is over */
  status(id: string, current = 0, total = 0): (done?: number) => void {
    const { say, clock } = this.#watcher;
    const started = clock.now();
    const about = { kind: 'status', vertex: this.digest, id, total, started } as const;
    say({ ...about, current, timestamp: started, completed: null });
    return (done = current) => say({ ...about, current: done, total: done, timestamp: clock.now(), completed: clock.now() });
  }

  /** @returns to be told how far each thing is, whose first word begins it, whose last ends it */
  amounts(): (id: string, current: number, total: number) => void {
    const { say, clock } = this.#watcher;
    const began = new Map<string, bigint>();
    return (id, current, total) => {
      const timestamp = clock.now();
      const started = began.get(id) ?? timestamp;
      began.set(id, started);
      say({ kind: 'status', vertex: this.digest, id, current, total, started, timestamp, completed: current === total ? timestamp : null });
    };
  }

  /** Begun, done, and ended however that goes. */
  async while<T>(work: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      const result = await work();
      this.end();
      return result;
    } catch (thrown) {
      this.end({ error: toAppError(thrown).message });
      throw thrown;
    }
  }

  #tell(change: Partial<BuildVertex>): void {
    this.#vertex = { ...this.#vertex, ...change };
    this.#watcher.say(this.#vertex);
  }
}
