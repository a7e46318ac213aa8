/** What a check can ask of facts: the evaluation knows only these. */
import type { Predicate as Kind } from '../check/predicate.ts';
import { predicate as answer } from './answer.ts';
import { predicate as container } from './container.ts';
import { predicate as count } from './count.ts';
import { predicate as event } from './event.ts';
import { predicate as exec } from './exec.ts';
import { predicate as file } from './file.ts';
import { predicate as http } from './http.ts';
import { predicate as image } from './image.ts';
import { predicate as kernel } from './kernel.ts';
import { predicate as lookup } from './lookup.ts';
import { predicate as mount } from './mount.ts';
import { predicate as network } from './network.ts';
import { predicate as process } from './process.ts';
import { predicate as processes } from './processes.ts';
import { predicate as request } from './request.ts';
import { predicate as volume } from './volume.ts';

const kinds = {
  container,
  image,
  network,
  volume,
  count,
  file,
  kernel,
  processes,
  process,
  mount,
  http,
  event,
  request,
  lookup,
  exec,
  answer,
};

export type LeafName = keyof typeof kinds;
type MatchOf<K> = K extends Kind<infer Match> ? Match : never;
/** What stands behind each predicate's name. */
export type Matches = { [K in LeafName]: MatchOf<(typeof kinds)[K]> };
export type Leaves = { [K in LeafName]?: Matches[K] | undefined };

export const predicates: { readonly [K in LeafName]: Kind<Matches[K]> } = kinds;

export const isLeafName = (name: string): name is LeafName => Object.hasOwn(predicates, name);
export const leafNames: readonly LeafName[] = Object.keys(predicates).filter(isLeafName);

/** A check: exactly one of its keys is set, beside `for` and `since`. */
export interface Predicate extends Leaves {
  all?: Predicate[] | undefined;
  any?: Predicate[] | undefined;
  not?: Predicate | undefined;
  for?: string | undefined;
  since?: 'entry' | 'tutorial' | undefined;
}
