/** `--progress tty`: a screenful that is drawn again and again (moby/buildkit: util/progress/progressui/display.go). */
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import type { TerminalSize } from '../session.ts';
import { humanBytes } from './amounts.ts';
import type { Display } from './display.ts';
import { Vertices, type Vertex } from './vertices.ts';

interface Parts {
  readonly print: (text: string) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly size: () => TerminalSize;
}

/** Milliseconds between two drawings. */
const betweenDrawings = 150;
/** Lines of a step's output below it while it runs. */
const shownLines = 6;

const blue = '\x1b[34m';
const red = '\x1b[31m';
const faint = '\x1b[2m';
const plain = '\x1b[0m';

interface Row {
  readonly text: string;
  readonly time: string;
  readonly color: string;
}

export class TerminalDisplay implements Display {
  readonly vertices = new Vertices();
  readonly #parts: Parts;
  #began = 0;
  #drawn = 0;
  /** Rows on the screen that the next drawing takes the place of. */
  #rows = 0;
  #ticking: ReturnType<typeof setTimeout> | null = null;
  #drawing: Promise<void> = Promise.resolve();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  begin(): Promise<void> {
    this.#began = this.#parts.now();
    this.#tick();
    return Promise.resolve();
  }

  /** Times of what runs go on though nothing is heard. */
  #tick(): void {
    this.#ticking = setTimeout(() => {
      this.#tick();
      void this.#draw(false);
    }, betweenDrawings);
  }

  async hear(message: TraceMessage): Promise<void> {
    const vertex = this.vertices.of(message);
    if (message.kind === 'log') vertex?.log(message);
    if (message.kind === 'status') vertex?.statuses.set(message.id, message);
    if (message.kind === 'warning') vertex?.warnings.push(message);
    if (message.kind === 'vertex' && message.completed !== null) vertex?.flush();
    if (this.#parts.now() - this.#drawn >= betweenDrawings) await this.#draw(false);
  }

  async end(): Promise<void> {
    if (this.#ticking !== null) clearTimeout(this.#ticking);
    this.#ticking = null;
    await this.#draw(true);
  }

  /** One after the other, whoever asks. */
  #draw(isLast: boolean): Promise<void> {
    this.#drawing = this.#drawing.then(() => this.#drawNow(isLast));
    return this.#drawing;
  }

  async #drawNow(isLast: boolean): Promise<void> {
    const { print, now, size } = this.#parts;
    this.#drawn = now();
    const { columns, rows } = size();
    const width = columns > 0 ? columns : 80;
    const started = this.vertices.all.filter(({ about }) => about.started !== null);
    const head = headOf(started, { isLast, seconds: (this.#drawn - this.#began) / 1000, width });
    const all = started.flatMap((vertex) => rowsOf(vertex, BigInt(this.#drawn) * 1_000_000n));
    // At the end everything, before that what fits: the last, for there things go on.
    const most = isLast || rows <= 2 ? all.length : rows - 2;
    const shown = all.slice(-most);
    const lines = [head, ...shown.map((row) => rowText(row, width))];
    const blank = Array.from({ length: Math.max(0, this.#rows - lines.length) }, () => ' '.repeat(width - 1));
    const back = blank.length > 0 ? `\x1b[${blank.length}A` : '';
    const up = this.#rows > 0 ? `\x1b[${this.#rows}A` : '';
    this.#rows = lines.length;
    await print(`${up}\r\x1b[?25l${[...lines, ...blank].map((line) => `${line}\n`).join('')}${back}\x1b[?25h`);
  }
}

interface Head {
  readonly isLast: boolean;
  readonly seconds: number;
  readonly width: number;
}

function headOf(vertices: readonly Vertex[], { isLast, seconds, width }: Head): string {
  const over = vertices.filter(({ isOver }) => isOver).length;
  const text = `[+] Building ${seconds.toFixed(1)}s (${over}/${vertices.length})${isLast ? ' FINISHED' : ''}`;
  const driver = 'docker:default';
  return text.length + driver.length + 1 > width ? text.slice(0, width - 1) : text + driver.padStart(width - text.length - 1);
}

function rowsOf(vertex: Vertex, now: bigint): readonly Row[] {
  const { about, isOver, name, statuses, warnings, lines } = vertex;
  const word = about.error !== '' ? 'ERROR ' : about.cached ? 'CACHED ' : '';
  const color = about.error !== '' ? red : isOver ? blue : '';
  const time = (seconds: number): string => `${seconds.toFixed(1)}s`;
  const rows: Row[] = [{ text: ` => ${word}${name}`, time: time(vertex.seconds(now)), color }];
  for (const { id, current, total, started, timestamp, completed } of statuses.values()) {
    const amount =
      total > 0 && current !== total ? ` ${humanBytes(current)} / ${humanBytes(total)}` : current > 0 ? ` ${humanBytes(current)}` : '';
    const seconds = Number((completed ?? timestamp) - started) / 1e9;
    rows.push({ text: ` => => ${id}${amount}`, time: time(seconds), color: completed === null ? '' : blue });
  }
  for (const { short } of warnings) rows.push({ text: ` => WARN: ${short}`, time: time(0), color: '' });
  if (!isOver) for (const { text } of lines.slice(-shownLines)) rows.push({ text: ` => => # ${shownText(text)}`, time: '', color: faint });
  return rows;
}

/** Without what would move the cursor. */
function shownText(text: string): string {
  return text.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '').replace(/[\x00-\x1f\x7f]/g, ' ');
}

function rowText({ text, time, color }: Row, width: number): string {
  const room = width - 1 - (time === '' ? 0 : time.length + 1);
  const line = `${text.slice(0, room).padEnd(room)}${time === '' ? '' : ` ${time}`}`;
  return color === '' ? line : `${color}${line}${plain}`;
}
