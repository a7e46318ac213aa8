import type { CliContext } from '../context.ts';
import type { FlagSet } from '../flags/flag-set.ts';

/** What the shell does after the candidates (cobra's ShellCompDirective, bits of a number). */
export const directives = { default: 0, error: 1, noSpace: 2, noFiles: 4, folders: 16 } as const;

/** Candidates for one word, in no order that means anything and not yet matched against what was typed: the shell does both. */
export interface Completion {
  readonly candidates: readonly string[];
  readonly directive: number;
}

/** A line up to the word that is completed. */
export interface Ask {
  readonly context: CliContext;
  /** The words before that are no flags. */
  readonly args: readonly string[];
  /** Flags of the command, with what was given so far. */
  readonly flags: FlagSet;
  readonly typed: string;
}

/** Rejects where the daemon does not answer. */
export type Completer = (ask: Ask) => Promise<Completion>;

export function names(candidates: readonly string[], directive: number = directives.noFiles): Completion {
  return { candidates, directive };
}

/** These, whatever was typed. */
export function fixed(candidates: readonly string[], directive?: number): Completer {
  const completion = names(candidates, directive);
  return () => Promise.resolve(completion);
}

export const nothing = fixed([]);
export const files = fixed([], directives.default);
export const folders = fixed([], directives.folders);
