import type { Matcher } from '../format/matcher.ts';
import type { Mismatch } from './match.ts';

/** A field that a predicate asks for; nested ones joined with dots: `env.NAME`, `files./note.content`. */
export interface Want {
  readonly field: string;
  readonly matcher: Matcher;
}

/** The first field of the nearest candidate that is not as wanted. `actual` is null when it has no such thing. */
export interface Miss extends Mismatch {
  readonly field: string;
  readonly actual: string | null;
}

/** Of containers, images, networks: `subject` names the object that matches, or the nearest; null when nothing comes near. */
export interface ObjectFinding {
  readonly ok: boolean;
  readonly wanted: readonly Want[];
  readonly subject: string | null;
  readonly miss: Miss | null;
}
