import { AppError, type ErrorKind } from '../../../base/errors.ts';

const largest = 2_147_483_647n;

/**
 * A user, or a group, as the agent looks it up: the numbers that Go reads as such ("+1", "007") in plain digits (github.com/moby/sys/user).
 * @param kind of the refusal: Docker gives it none when a container starts, and refuses an exec before it is made
 * @throws AppError "uids and gids must be in range 0-2147483647"
 */
export function plainUser(text: string, kind: ErrorKind = 'internal'): string {
  return text
    .split(':')
    .map((part) => plainNumber(part, kind))
    .join(':');
}

function plainNumber(text: string, kind: ErrorKind): string {
  if (!/^[+-]?\d+$/.test(text)) return text;
  const number = BigInt(text.replace('+', ''));
  if (number < 0n || number > largest) throw new AppError(kind, 'uids and gids must be in range 0-2147483647');
  return String(number);
}
