import { isName, parsePlace, welcome, type Place } from './place.ts';

/** What stands in an address. */
export interface AddressParts {
  /** With its ?, or empty. */
  readonly search: string;
  /** With its #, or empty. */
  readonly hash: string;
}

/** What of an address cannot be followed. */
export interface LaunchProblem {
  readonly field: 'place' | 'tutorial' | 'step' | 'theme' | 'command';
  /** As it stands there, cut where it is long. */
  readonly value: string;
}

/**
 * What the address asked for when the page was opened: `#/PLACE`, or `?tutorial=ID&step=ID` where the fragment is free; `?theme=light|dark|system`;
 * `?command=LINE`. Anything else in it belongs to somebody else.
 */
export interface Launch {
  readonly place: Place;
  /** For as long as the page is open, unless another is chosen; it is not kept. */
  readonly theme: 'light' | 'dark' | 'system' | null;
  /** To be typed into the first terminal and not run: who followed a link has not agreed to what is in it. */
  readonly command: string | null;
  readonly problems: readonly LaunchProblem[];
}

const longest = 1000;
const shown = 60;
/** Controls, what is drawn as nothing or turns the direction of what is drawn, other ends of lines, halves of characters. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Never throws: what is wrong is left out and told in `problems`. */
export function parseLaunch({ search, hash }: AddressParts): Launch {
  const query = new URLSearchParams(search);
  const problems: LaunchProblem[] = [];
  /** What the query says of the field; null for nothing, or for nothing that can be followed. */
  const take = <T extends string>(field: LaunchProblem['field'], isGood: (value: string) => value is T): T | null => {
    const value = query.get(field);
    if (value === null || isGood(value)) return value;
    problems.push({ field, value: cut(value) });
    return null;
  };
  const place = hash === '' || hash === '#' ? placeOf(take('tutorial', isId), take('step', isId), problems) : parsePlace(hash);
  if (place === null) problems.push({ field: 'place', value: cut(hash) });
  return { place: place ?? welcome, theme: take('theme', isTheme), command: take('command', isLine), problems };
}

function placeOf(id: string | null, step: string | null, problems: LaunchProblem[]): Place {
  if (id !== null) return step === null ? { kind: 'tutorial', id } : { kind: 'tutorial', id, step };
  // A step that has no tutorial because that one is wrong has been told already.
  if (step !== null && problems.length === 0) problems.push({ field: 'step', value: cut(step) });
  return welcome;
}

const isId = (value: string): value is string => isName(value);
const isTheme = (value: string): value is 'light' | 'dark' | 'system' => value === 'light' || value === 'dark' || value === 'system';
const isLine = (value: string): value is string => value.trim() !== '' && value.length <= longest && !unseen.test(value);

/** For a sentence. */
export function cut(value: string): string {
  const plain = value.replace(new RegExp(unseen, 'gu'), '\u{FFFD}');
  const characters = Array.from(plain);
  return characters.length <= shown ? plain : `${characters.slice(0, shown - 1).join('')}…`;
}
