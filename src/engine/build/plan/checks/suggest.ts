import { nearest } from '../../../../grammar/dockerfile/nearest.ts';

/** " (did you mean $X?)", or nothing. @param sign in front of the name that was meant */
export function meant(written: string, known: readonly string[], sign = ''): string {
  const name = nearest(written, known, true);
  return name === null ? '' : ` (did you mean ${sign}${name}?)`;
}
