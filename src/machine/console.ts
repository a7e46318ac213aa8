import { Emitter, type Event } from '../base/events.ts';

const keptCharacters = 64 * 1024;
const panic = 'Kernel panic - not syncing';

/** The kernel's log: the bytes of ttyS0 as text, line by line. */
export class ConsoleLog {
  readonly #output = new Emitter<string>();
  readonly #panicked = new Emitter<string>();
  #kept = '';
  #line = '';

  /** Whole lines, each with its newline. */
  readonly output: Event<string> = this.#output.event;
  /** The line in which the kernel says that it gave up. */
  readonly panicked: Event<string> = this.#panicked.event;

  /** The last 64 KiB. */
  get text(): string {
    return this.#kept + this.#line;
  }

  push(byte: number): void {
    if (byte === 0x0d) return;
    this.#line += String.fromCharCode(byte);
    if (byte === 0x0a) this.#endLine();
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = '';
    this.#kept = (this.#kept + line).slice(-keptCharacters);
    this.#output.emit(line);
    if (line.includes(panic)) this.#panicked.emit(line.trim());
  }
}
