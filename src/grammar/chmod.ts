/** What `chmod` takes for a mode (chmod(1)). */
import { AppError } from '../base/errors.ts';

/** Of a file with these permission bits (0o7777), those that it gets. */
export type ChangeMode = (mode: number, isFolder: boolean) => number;

interface Clause {
  /** Bits of those it is about: 0o700, 0o070, 0o007. */
  readonly who: number;
  readonly operator: string;
  readonly letters: string;
}

const whose: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
const bits: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, t: 0o1000 };
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };

/** "u=rwX,go+r": all clauses, one after the other. No umask is taken away. @throws AppError invalid "invalid syntax" */
export function symbolicMode(text: string): ChangeMode {
  const clauses = text.split(',').flatMap(clausesOf);
  return (mode, isFolder) => clauses.reduce((now, clause) => apply(clause, now, isFolder), mode);
}

function clausesOf(text: string): Clause[] {
  const found = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(text);
  if (found === null) throw new AppError('invalid', 'invalid syntax');
  const [, letters = '', actions = ''] = found;
  const who = [...(letters === '' ? 'a' : letters)].reduce((sum, letter) => sum | (whose[letter] ?? 0), 0);
  return actions.split(/(?=[-+=])/).map((action) => ({ who, operator: action.slice(0, 1), letters: action.slice(1) }));
}

function apply({ who, operator, letters }: Clause, mode: number, isFolder: boolean): number {
  const named = [...letters].reduce((sum, letter) => sum | bitsOf(letter, mode, isFolder), 0) & who;
  if (operator === '+') return mode | named;
  return operator === '-' ? mode & ~named : (mode & ~who) | named;
}

function bitsOf(letter: string, mode: number, isFolder: boolean): number {
  const shift = shifts[letter];
  if (shift !== undefined) return ((mode >> shift) & 7) * 0o111;
  if (letter === 's') return 0o6000;
  if (letter === 'X') return isFolder || (mode & 0o111) !== 0 ? 0o111 : 0;
  return bits[letter] ?? 0;
}
