import type { Locale, Words } from '../catalogue/catalogue.ts';
import type { Observation } from './observation.ts';

/** edge: once true, true for the rest of the step. level: must hold at the moment of passing. */
export type Timing = 'edge' | 'level';

/** What a predicate found and what it is about: `identity` changes when another object, or another run of it, matches. */
export interface Found<Finding extends { readonly ok: boolean }> {
  readonly finding: Finding;
  readonly identity: string;
}

/** What was found, without what only the predicate's own words can read. */
export interface Checked {
  readonly ok: boolean;
  readonly identity: string;
  words(locale: Locale): Words;
}

/** A kind of leaf of checks, as the evaluation sees it. `Match` is what a tutorial writes behind the predicate's name. */
export interface Predicate<Match> {
  timing(match: Match): Timing;
  check(match: Match, observation: Observation): Promise<Checked>;
  /** How long it must hold, by its own `for`. */
  heldFor(match: Match): string | undefined;
  /** Whether only asking again can tell that it changed: the kernel and files do not announce themselves. */
  polled(match: Match): boolean;
  /** Whether it reads which programs were executed in the guest; they are in the log only while somebody wants them. */
  readonly watchesExecs: boolean;
}

interface Definition<Match, Finding extends { readonly ok: boolean }> {
  readonly timing: Timing | ((match: Match) => Timing);
  /** @throws AppError when nobody can tell, e.g. while the guest starts anew: the look has failed then */
  find(match: Match, observation: Observation): Found<Finding> | Promise<Found<Finding>>;
  /** What is said of it, in every language. */
  readonly words: Readonly<Record<Locale, (finding: Finding) => Words>>;
  readonly heldFor?: (match: Match) => string | undefined;
  readonly polled?: (match: Match) => boolean;
  readonly watchesExecs?: boolean;
}

/** A predicate is one file of predicates/: this, its schema, and a line in each table of registry.ts and schemas.ts. */
export function definePredicate<Match, Finding extends { readonly ok: boolean }>({
  timing,
  find,
  words,
  heldFor = () => undefined,
  polled = () => false,
  watchesExecs = false,
}: Definition<Match, Finding>): Predicate<Match> {
  return {
    timing: (match) => (typeof timing === 'function' ? timing(match) : timing),
    async check(match, observation) {
      const { finding, identity } = await find(match, observation);
      return { ok: finding.ok, identity, words: (locale) => words[locale](finding) };
    },
    heldFor,
    polled,
    watchesExecs,
  };
}

/** What `count` can count. */
export interface Countable<Match> {
  /** How many objects match, or how often it happened. */
  count(match: Match, observation: Observation): number | Promise<number>;
  /** What is counted, in the number that goes with it, to stand behind a number: "running containers from nginx". */
  readonly phrase: Readonly<Record<Locale, (match: Match, many: boolean) => string>>;
}
