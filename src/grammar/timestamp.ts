import { AppError, toAppError } from '../base/errors.ts';
import { parseDecimal } from './strconv.ts';

const nanosPerSecond = 1_000_000_000n;

/**
 * "1700000000" or "1700000000.123456789", as clients send `since` and `until` (moby: api/types/time ParseTimestamps). @returns nanoseconds since the epoch
 * @throws AppError internal in Go's words, as moby answers
 */
export function parseTimestamp(text: string): bigint {
  const point = text.indexOf('.');
  const seconds = parseInt64(point < 0 ? text : text.slice(0, point));
  if (point < 0) return seconds * nanosPerSecond;
  const digits = text.slice(point + 1);
  const fraction = parseInt64(digits);
  return seconds * nanosPerSecond + (fraction * nanosPerSecond) / 10n ** BigInt(digits.length);
}

/** strconv.ParseInt. @throws AppError internal, the class moby gives it */
function parseInt64(text: string): bigint {
  try {
    return BigInt(parseDecimal(text));
  } catch (thrown) {
    throw new AppError('internal', toAppError(thrown).message);
  }
}
