/** `--progress plain`: step by step, line by line (moby/buildkit: util/progress/progressui/printer.go). */
import { humanBytes } from './amounts.ts';
import type { BuildStatus } from '../../protocol/build-progress.ts';
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { Display } from './display.ts';
import { Vertices, type LogLine, type Vertex } from './vertices.ts';

/** Milliseconds without a word of the step that is shown, after which another one may be. */
const patience = 3000;

export class PlainDisplay implements Display {
  readonly vertices = new Vertices();
  readonly #print: (text: string) => Promise<void>;
  readonly #now: () => number;
  /** What is to be printed of each step, in the order in which they were heard of. */
  readonly #waiting = new Map<Vertex, string[]>();
  readonly #begun = new Set<Vertex>();
  #current: Vertex | null = null;
  #last: Vertex | null = null;
  #spoke = 0;

  constructor({ print, now }: { readonly print: (text: string) => Promise<void>; readonly now: () => number }) {
    this.#print = print;
    this.#now = now;
  }

  async begin(): Promise<void> {
    await this.#print('#0 building with "default" instance using docker driver\n');
  }

  async hear(message: TraceMessage): Promise<void> {
    const vertex = this.vertices.of(message);
    if (vertex === null) return;
    const lines = linesOf(vertex, message);
    if (lines.length > 0) this.#waiting.set(vertex, [...(this.#waiting.get(vertex) ?? []), ...lines]);
    await this.#flush();
  }

  async end(): Promise<void> {
    this.#current = null;
    for (const vertex of [...this.#waiting.keys()]) await this.#show(vertex);
  }

  async #flush(): Promise<void> {
    const current = this.#current;
    if (current !== null) {
      await this.#show(current);
      if (!current.isOver && this.#now() - this.#spoke < patience) return;
      this.#current = null;
    }
    for (const vertex of [...this.#waiting.keys()]) {
      await this.#show(vertex);
      if (vertex.isOver) continue;
      this.#current = vertex;
      return;
    }
  }

  async #show(vertex: Vertex): Promise<void> {
    const lines = this.#waiting.get(vertex);
    if (lines === undefined) return;
    this.#waiting.delete(vertex);
    this.#spoke = this.#now();
    let text = '';
    if (this.#last !== vertex) {
      if (this.#last !== null && !this.#last.isOver) text += `#${this.#last.index} ...\n`;
      text += `\n#${vertex.index} ${vertex.name}\n`;
    }
    this.#last = vertex;
    this.#begun.add(vertex);
    await this.#print(text + lines.map((line) => `#${vertex.index} ${line}\n`).join(''));
  }
}

function linesOf(vertex: Vertex, message: TraceMessage): readonly string[] {
  switch (message.kind) {
    case 'log':
      return vertex.log(message).map(lineOf);
    case 'warning':
      vertex.warnings.push(message);
      return [`WARN: ${message.short}`];
    case 'status':
      vertex.statuses.set(message.id, message);
      return message.completed === null ? [] : [statusLine(message)];
    case 'vertex':
      return message.completed === null ? [] : [...vertex.flush().map(lineOf), endOf(vertex)];
  }
}

function lineOf({ time, text }: LogLine): string {
  return `${time} ${text}`;
}

function endOf(vertex: Vertex): string {
  const { error, cached } = vertex.about;
  if (error !== '') return /: (?:context canceled|the build was cancelled)$/.test(error) ? 'CANCELED' : `ERROR: ${error}`;
  return cached ? 'CACHED' : `DONE ${vertex.seconds(0n).toFixed(1)}s`;
}

function statusLine({ id, current, total, started, timestamp, completed }: BuildStatus): string {
  const amount =
    total > 0 && current !== total ? ` ${humanBytes(current)} / ${humanBytes(total)}` : current > 0 ? ` ${humanBytes(current)}` : '';
  const seconds = Number((completed ?? timestamp) - started) / 1e9;
  return `${id}${amount}${seconds > 0.01 ? ` ${seconds.toFixed(1)}s` : ''}${completed === null ? '' : ' done'}`;
}
