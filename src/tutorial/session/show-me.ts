import { AppError } from '../../base/errors.ts';
import type { Directive } from '../format/directive.ts';
import type { TutorialState } from './state.ts';
import { captionOf, perform, type DirectiveContext } from './perform.ts';

/** Milliseconds a key when the solution is typed: about 25 keys a second. */
export const keyPause = 40;

/** One showing of a solution at a time. */
export class ShowMe {
  readonly #onChange: () => void;
  #own: AbortController | null = null;
  #showing: TutorialState['showing'] = null;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get showing(): TutorialState['showing'] {
    return this.#showing;
  }

  get active(): boolean {
    return this.#own !== null;
  }

  abort(): void {
    this.#own?.abort();
  }

  told(directive: Directive, line: number): void {
    this.#showing = { line, caption: captionOf(directive) };
    this.#onChange();
  }

  /** Resolves to false when the signal or `abort` ended it. @param proof resolves once the step is over; called when all was typed, still as part of the showing */
  async run(
    solution: readonly Directive[],
    context: DirectiveContext,
    signal: AbortSignal | undefined,
    proof: (signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    if (this.#own !== null) throw new AppError('conflict', 'the solution is being shown already');
    const own = new AbortController();
    this.#own = own;
    const stop = (): void => own.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) own.abort();
    try {
      await perform(solution, context, own.signal);
      await proof(own.signal);
      return true;
    } catch (error) {
      if (own.signal.aborted) return false;
      throw error;
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#own = null;
      this.#showing = null;
      this.#onChange();
    }
  }
}
