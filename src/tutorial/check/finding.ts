import type { FactRef, LeafName, Matcher } from '../../protocol/tutorial-check.ts';
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

interface Found {
  readonly ok: boolean;
}

/** container, image, network: `subject` names the object that matches, or the nearest; null when nothing comes near. */
export interface ObjectFinding extends Found {
  readonly predicate: 'container' | 'image' | 'network';
  readonly wanted: readonly Want[];
  readonly subject: string | null;
  readonly miss: Miss | null;
}

/** `miss` is null and `ok` false when what should be looked at is not there: `absent` names it. */
export interface PlaceFinding extends Found {
  readonly predicate: 'file' | 'kernel';
  /** "guest" or "container:NAME". */
  readonly where: string;
  /** Of a file; empty for the kernel. */
  readonly path: string;
  readonly wanted: readonly Want[];
  readonly miss: Miss | null;
  readonly absent: boolean;
}

export interface EventFinding extends Found {
  readonly predicate: 'event';
  readonly type: string;
  readonly stages: readonly { readonly action: string; readonly wanted: readonly Want[] }[];
  /** How many stages the nearest object went through. */
  readonly reached: number;
  readonly subject: string | null;
  readonly miss: Miss | null;
}

export interface RequestFinding extends Found {
  readonly predicate: 'request';
  readonly method: string;
  readonly path: string;
  readonly wanted: readonly Want[];
  /** Whether the nearest request had the method and the path. */
  readonly seen: boolean;
  readonly miss: Miss | null;
}

export interface ExecFinding extends Found {
  readonly predicate: 'exec';
  readonly argv: readonly string[];
  readonly seen: boolean;
  readonly miss: Miss | null;
}

export interface AnswerFinding extends Found {
  readonly predicate: 'answer';
  readonly fact: FactRef;
  readonly relation: 'equals' | 'prefix-of';
  readonly atLeast: number;
  readonly given: string | null;
  /** Why it is not ok. */
  readonly why: 'nothing-given' | 'too-short' | 'wrong' | 'no-such-fact' | null;
}

export interface CountFinding extends Found {
  readonly predicate: 'count';
  /** What is counted, as the finding that describes one of it. */
  readonly of: Finding;
  readonly found: number;
  readonly relation: 'exactly' | 'at-least' | 'at-most';
  readonly limit: number;
}

export type Finding = ObjectFinding | PlaceFinding | EventFinding | RequestFinding | ExecFinding | AnswerFinding | CountFinding;

/** A finding and what it is about: `identity` changes when another object, or another run of it, matches. */
export interface LeafResult {
  readonly finding: Finding;
  readonly identity: string;
}

/** edge: once true, true for the rest of the step. level: must hold at the moment of passing. */
export const leafTiming: Readonly<Record<LeafName, 'edge' | 'level'>> = {
  container: 'level',
  image: 'level',
  network: 'level',
  count: 'level',
  file: 'level',
  kernel: 'level',
  event: 'edge',
  request: 'edge',
  exec: 'edge',
  answer: 'edge',
};

export const isLeafName = (name: string): name is LeafName => Object.hasOwn(leafTiming, name);
