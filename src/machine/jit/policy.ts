import type { TickObserver } from '../scheduling.ts';
import type { Compiler } from './compiler.ts';
import type { RestCompiler } from './rest-compiler.ts';

/** Milliseconds of waiting after which what comes is a burst of its own: a command that somebody typed. */
const restMilliseconds = 5;
/** Instructions that a burst executes before anything is compiled for it: a `docker run` has 4 to 6 M. */
const patience = 15_000_000;
/** Heat of a page that is worth compiling. v86's own is 200 000. */
const worthwhile = 1_000_000;
/** One page and twenty more basic blocks: half the bytes of WebAssembly of v86's three pages and 250 blocks. */
const moduleSize = { pages: 1, extraBlocks: 20 } as const;
/** v86 empties a table of 900 modules when it is full. Before that only what is very hot gets a place, and then nothing. */
const crowded = 750;
const full = 880;
const worthwhileWhenCrowded = 8 * worthwhile;
/** No page gathers as much: entry points are noted, nothing is compiled. */
const outOfReach = 0x7fff_ffff;
/** Milliseconds of waiting after which a full table is emptied, when nobody notices. */
const quietMilliseconds = 2000;

/**
 * When v86 compiles guest code. What decides how long a command takes is how many bytes of WebAssembly are made for it, not how soon:
 * short commands are quickest when nothing is compiled, long ones when only what is hot is, in small modules. Measured in README.md.
 */
export class CompilerPolicy implements TickObserver {
  readonly #compiler: Pick<Compiler, 'setEnabled' | 'setThreshold' | 'setModuleSize' | 'modules' | 'clear'>;
  readonly #instructions: () => number;
  readonly #atRest: Pick<RestCompiler, 'running' | 'interrupted' | 'waiting' | 'forget'>;
  /** null: nothing is compiled. */
  #threshold: number | null = null;
  #burstStart: number;
  #waitingSince: number | null = null;

  /**
   * @param instructions executed so far, u32 that wraps
   * @param atRest compiles what short commands use, when nobody waits
   */
  constructor(
    compiler: Pick<Compiler, 'setEnabled' | 'setThreshold' | 'setModuleSize' | 'modules' | 'clear'>,
    instructions: () => number,
    atRest: Pick<RestCompiler, 'running' | 'interrupted' | 'waiting' | 'forget'>,
  ) {
    this.#compiler = compiler;
    this.#instructions = instructions;
    this.#atRest = atRest;
    this.#burstStart = instructions();
    compiler.setModuleSize(moduleSize.pages, moduleSize.extraBlocks);
    compiler.setEnabled(false);
  }

  running(now: number): void {
    if (this.#waitingSince !== null) this.#rested(now - this.#waitingSince);
    this.#waitingSince = null;
    const noting = this.#atRest.running();
    this.#set(this.#wanted() ?? (noting ? outOfReach : null));
  }

  interrupted(): void {
    this.#atRest.interrupted();
  }

  waiting(now: number): void {
    this.#waitingSince ??= now;
    this.#atRest.waiting(now);
  }

  #rested(milliseconds: number): void {
    if (milliseconds >= restMilliseconds) this.#burstStart = this.#instructions();
    if (milliseconds >= quietMilliseconds && this.#compiler.modules() >= full) {
      this.#compiler.clear();
      this.#atRest.forget();
    }
  }

  #wanted(): number | null {
    if ((this.#instructions() - this.#burstStart) >>> 0 < patience) return null;
    const modules = this.#compiler.modules();
    if (modules >= full) return null;
    return modules >= crowded ? worthwhileWhenCrowded : worthwhile;
  }

  #set(threshold: number | null): void {
    if (threshold === this.#threshold) return;
    this.#threshold = threshold;
    this.#compiler.setEnabled(threshold !== null);
    if (threshold !== null) this.#compiler.setThreshold(threshold);
  }
}
