import type { Compiler } from './compiler.ts';
import { HotPages } from './hot-pages.ts';

/** Milliseconds for which the CPU is halted before anything is compiled: nobody waits then. */
const restMilliseconds = 30;
/** Between two modules: they become usable, and whoever came meanwhile goes first. */
const pauseMilliseconds = 10;
/** Guest instructions of a timer's interrupt or two; with more, something is going on. */
const tickInstructions = 30_000;
/** Entry points are gathered for as long after a page became hot, which costs a tenth of what the interpreter takes. */
const lesson = 60_000_000;

/**
 * Compiles hot pages of the guest's kernel while the CPU is halted. Short commands, for which nothing is compiled while somebody
 * waits (policy.ts), spend most of their time there; the guest cannot tell but by the time it takes. Gone with the emulator: no state has it.
 */
export class RestCompiler {
  readonly #compiler: Pick<Compiler, 'busy' | 'compile' | 'instructionPointer'>;
  readonly #pages: HotPages;
  readonly #instructions: () => number;
  readonly #now: () => number;
  #halted = false;
  #restSince = 0;
  #instructionsAtHalt = 0;
  #lastHot: number;
  #odd = false;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #disposed = false;

  /** @param instructions executed so far, u32 that wraps; @param now of `performance.now` */
  constructor(
    compiler: Pick<Compiler, 'busy' | 'compile' | 'instructionPointer'>,
    memoryBytes: number,
    instructions: () => number,
    now: () => number = () => performance.now(),
  ) {
    this.#compiler = compiler;
    this.#pages = new HotPages(memoryBytes);
    this.#instructions = instructions;
    this.#now = now;
    this.#lastHot = instructions();
  }

  /** Whether entry points shall be gathered in the tick that begins: in every second one. */
  running(): boolean {
    this.#halted = false;
    this.#odd = !this.#odd;
    return this.#odd && (this.#instructions() - this.#lastHot) >>> 0 < lesson;
  }

  interrupted(): void {
    if (this.#pages.saw(this.#compiler.instructionPointer())) this.#lastHot = this.#instructions();
  }

  waiting(now: number): void {
    const instructions = this.#instructions();
    if ((instructions - this.#instructionsAtHalt) >>> 0 > tickInstructions) this.#restSince = now;
    this.#instructionsAtHalt = instructions;
    this.#halted = true;
    this.#arm(restMilliseconds);
  }

  /** Every module is gone. */
  forget(): void {
    this.#pages.forget();
    this.#lastHot = this.#instructions();
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(milliseconds: number): void {
    if (this.#disposed || this.#timer !== null || this.#pages.waiting === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#compileOne();
    }, milliseconds);
  }

  /** Where the CPU runs again or has not rested for long enough, its next halt arms the timer. */
  #compileOne(): void {
    if (!this.#halted) return;
    const left = this.#restSince + restMilliseconds - this.#now();
    if (left > 0) return this.#arm(left);
    if (!this.#compiler.busy()) {
      const address = this.#pages.next();
      if (address !== null) this.#compiler.compile(address);
    }
    this.#arm(pauseMilliseconds);
  }
}
