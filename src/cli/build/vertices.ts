/** What is known of a build's steps by now (moby/buildkit: util/progress/progressui). */
import { fromUtf8 } from '../../base/bytes.ts';
import type { BuildLog, BuildStatus, BuildVertex, BuildWarning } from '../../protocol/build-progress.ts';
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';

/** Lines of a step's output that are kept, for when it fails. */
const keptLines = 100;
/** Characters of a line without an end that are kept. */
const longestLine = 64 * 1024;

export interface LogLine {
  /** "0.359": seconds since the step began. */
  readonly time: string;
  readonly text: string;
}

export class Vertex {
  about: BuildVertex;
  /** Counted from 1, in the order in which they were heard of. */
  readonly index: number;
  readonly statuses = new Map<string, BuildStatus>();
  readonly warnings: BuildWarning[] = [];
  readonly lines: LogLine[] = [];
  #rest = '';

  constructor(about: BuildVertex, index: number) {
    this.about = about;
    this.index = index;
  }

  /** Without what no one reads in a row: tabs and line ends. */
  get name(): string {
    return this.about.name.replace(/[\t\n]/g, ' ');
  }

  get isOver(): boolean {
    return this.about.completed !== null;
  }

  /** @param now nanoseconds since the epoch */
  seconds(now: bigint): number {
    const { started, completed } = this.about;
    return started === null ? 0 : Number((completed ?? now) - started) / 1e9;
  }

  /** @returns lines that are whole now */
  log({ data, timestamp }: BuildLog): readonly LogLine[] {
    const parts = (this.#rest + fromUtf8(data)).split('\n');
    this.#rest = (parts.pop() ?? '').slice(-longestLine);
    return this.#keep(parts, timestamp);
  }

  /** What has no end is a line, too. */
  flush(): readonly LogLine[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : this.#keep([rest], this.about.completed ?? this.about.started ?? 0n);
  }

  #keep(parts: readonly string[], timestamp: bigint): readonly LogLine[] {
    const time = (Number(timestamp - (this.about.started ?? timestamp)) / 1e9).toFixed(3);
    const lines = parts.map((text) => ({ time, text: text.replace(/\r$/, '') }));
    this.lines.push(...lines);
    if (this.lines.length > keptLines) this.lines.splice(0, this.lines.length - keptLines);
    return lines;
  }
}

export class Vertices {
  readonly #byDigest = new Map<string, Vertex>();

  get all(): readonly Vertex[] {
    return [...this.#byDigest.values()];
  }

  /** @returns null: it is about a step that nobody has heard of */
  of(message: TraceMessage): Vertex | null {
    if (message.kind !== 'vertex') return this.#byDigest.get(message.vertex) ?? null;
    const known = this.#byDigest.get(message.digest);
    if (known !== undefined) {
      known.about = message;
      return known;
    }
    const vertex = new Vertex(message, this.#byDigest.size + 1);
    this.#byDigest.set(message.digest, vertex);
    return vertex;
  }
}
