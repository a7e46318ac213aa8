import { toRecord } from '../../base/record.ts';
import type { Steps } from '../../base/steps.ts';
import { parseInteger, type Integer } from '../../grammar/strconv.ts';
import { FlagValueError, messageOf } from '../errors.ts';
import { csvFields } from './csv.ts';

/** DeviceRequest of the API: GPUs that an engine's driver is to hand to a container. */
export interface GpuRequest {
  readonly Driver: string;
  /** -1: all. */
  readonly Count: Integer;
  readonly DeviceIDs: readonly string[] | null;
  /** Any of these lists, of which all are wanted. */
  readonly Capabilities: readonly (readonly string[])[];
  readonly Options: Readonly<Record<string, string>>;
}

/** `--gpus all`, `2` or `"device=0,1",capabilities=utility` (docker/cli, opts/gpus.go). Throws FlagValueError. */
export function parseGpus(text: string, steps?: Steps): GpuRequest {
  const values = new Map<string, string>();
  for (const field of csvFields(text, steps)) {
    const equals = field.indexOf('=');
    const key = equals === -1 ? field : field.slice(0, equals);
    if (values.has(key)) throw new FlagValueError(`gpu request key '${key}' can be specified only once`);
    if (equals !== -1 && !keys.includes(key)) throw new FlagValueError(`unexpected key '${key}' in '${field}'`);
    if (equals === -1) values.set(key, '');
    // What stands alone is a number of them, or all.
    values.set(equals === -1 ? 'count' : key, equals === -1 ? key : field.slice(equals + 1));
    if (equals === -1 || key === 'count') countOf(values.get('count') ?? '');
  }
  return requestOf(values, steps);
}

const keys: readonly string[] = ['driver', 'count', 'device', 'capabilities', 'options'];

function requestOf(values: ReadonlyMap<string, string>, steps: Steps | undefined): GpuRequest {
  const device = values.get('device');
  const count = values.get('count');
  const capabilities = values.get('capabilities');
  const options = values.get('options');
  return {
    Driver: values.get('driver') ?? '',
    Count: count !== undefined ? countOf(count) : device === undefined ? 1 : 0,
    DeviceIDs: device?.split(',') ?? null,
    Capabilities: [[...(capabilities?.split(',') ?? []), 'gpu']],
    Options: options === undefined ? {} : optionsOf(options, steps),
  };
}

function countOf(text: string): Integer {
  if (text === 'all') return -1;
  try {
    return parseInteger(text);
  } catch (error) {
    const why = messageOf(error).replace(/^.*: /, '');
    throw new FlagValueError(`invalid count (${text}): value must be either "all" or an integer: ${why}`);
  }
}

function optionsOf(text: string, steps: Steps | undefined): Readonly<Record<string, string>> {
  try {
    return toRecord(
      csvFields(text, steps).map((field) => {
        const [name = '', ...rest] = field.split('=');
        return [name, rest.join('=')];
      }),
    );
  } catch (error) {
    throw new FlagValueError(`failed to read gpu options: ${messageOf(error)}`);
  }
}
