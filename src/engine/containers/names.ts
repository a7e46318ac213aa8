import { AppError } from '../../base/errors.ts';
import { randomBelow, type Random } from '../random.ts';
import { adjectives, surnames } from './name-words.ts';

/** daemon/names/names.go */
const validName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Without the leading slash that old clients send. @throws AppError invalid, in Docker's words */
export function checkName(given: string): string {
  const name = given.replace(/^\//, '');
  if (validName.test(name)) return name;
  throw new AppError('invalid', `Invalid container name (${given}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

/** "adjective_surname", with a digit behind it when it is taken too often. */
export function makeName(random: Random, isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${pick(adjectives, random)}_${pick(surnames, random)}${attempt < 6 ? '' : String(randomBelow(random, 10 ** Math.min(attempt - 5, 4)))}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: readonly string[], random: Random): string {
  return words[randomBelow(random, words.length)] ?? 'quiet';
}
