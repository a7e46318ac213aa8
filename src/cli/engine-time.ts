import { pointInTime } from '../grammar/point-in-time.ts';
import { StatusError, messageOf } from './errors.ts';

/** A point in time as the query has it; undefined for ''. @param now milliseconds since the epoch @throws AppError invalid */
export function engineTime(text: string, now: number): string | undefined {
  return text === '' ? undefined : pointInTime(text, BigInt(Math.trunc(now)) * 1_000_000n);
}

/** As `engineTime`, but the complaint names the flag. @throws StatusError */
export function flagTime(flag: string, text: string, now: number): string | undefined {
  try {
    return engineTime(text, now);
  } catch (error) {
    throw new StatusError(1, `invalid value for "${flag}": ${messageOf(error)}`);
  }
}
