import { trimEndOf } from '../../base/trim.ts';
import { FlagValueError } from '../errors.ts';
import { csvFields } from './csv.ts';
import type { FlagSet } from './flag-set.ts';
import { full } from './support.ts';

export interface EndpointFlag {
  readonly changed: boolean;
  /** What was given later wins. */
  readonly value: Readonly<Record<string, string>>;
}

/** `--docker key=value,…` of `docker context`. */
export function endpointFlag(flags: FlagSet): EndpointFlag {
  const shape = { type: 'stringToString', shownDefault: '[]' };
  const given = flags.collect('docker', '', 'set the docker endpoint', full, shape, stringToString);
  return {
    get changed() {
      return given.changed;
    },
    get value() {
      return Object.fromEntries(given.value.flat());
    },
  };
}

/** pflag's stringToString. */
function stringToString(text: string): readonly (readonly [string, string])[] {
  const count = text.split('=').length - 1;
  const pairs = count === 0 ? [text] : count === 1 ? [trimEndOf(text.replace(/^"+/, ''), '"')] : csvFields(text);
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 0) throw new FlagValueError(`${pair} must be formatted as key=value`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}
