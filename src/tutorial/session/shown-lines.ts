import type { EngineSnapshot } from '../facts.ts';
import type { DirectiveContext } from './perform.ts';
import type { TutorialTerminal } from './terminal.ts';

/** What show me did in a step without bringing it to its end. */
interface Begun {
  /** The last terminal it typed into; null while it only wrote files and answered. */
  terminal: TutorialTerminal | null;
  /** The engine when what it had typed was over; null before. */
  after: EngineSnapshot | null;
}

/** The steps in which show me was cut short after it did something. What comes of it is shown, not done, until the learner enters a line after it. */
export class ShownLines {
  readonly #engine: () => Promise<EngineSnapshot>;
  readonly #begun = new Map<string, Begun>();
  #ended = new AbortController();

  /** @param engine with all that happened before the call */
  constructor(engine: () => Promise<EngineSnapshot>) {
    this.#engine = engine;
  }

  has(id: string): boolean {
    return this.#begun.has(id);
  }

  /** The engine after what show me typed in the step; null while that goes on, or when there was nothing. */
  after(id: string): EngineSnapshot | null {
    return this.#begun.get(id)?.after ?? null;
  }

  forget(id: string): void {
    this.#begun.delete(id);
  }

  /** Nothing is waited for any more. */
  clear(): void {
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#begun.clear();
  }

  /** The context, noting what is done with it. */
  noting(id: string, context: DirectiveContext): DirectiveContext {
    return {
      ...context,
      terminal: (index) => {
        const terminal = context.terminal(index);
        return {
          write: (keys) => {
            this.#note(id).terminal = terminal;
            return terminal.write(keys);
          },
          untilPrompt: (signal) => terminal.untilPrompt(signal),
        };
      },
      guest: {
        writeFiles: (files) => {
          this.#note(id);
          return context.guest.writeFiles(files);
        },
      },
      answer: (text) => {
        this.#note(id);
        return context.answer(text);
      },
    };
  }

  /** Show me was cut short: what it typed is over when a shell waits for a line again. */
  async cut(id: string): Promise<void> {
    const begun = this.#begun.get(id);
    if (begun === undefined) return;
    const { signal } = this.#ended;
    // A shell that has ended runs nothing either.
    await begun.terminal?.untilPrompt(signal).catch(() => undefined);
    const after = await this.#engine().catch(() => null);
    if (!signal.aborted) begun.after = after;
  }

  #note(id: string): Begun {
    const begun = this.#begun.get(id) ?? { terminal: null, after: null };
    begun.after = null;
    this.#begun.set(id, begun);
    return begun;
  }
}
