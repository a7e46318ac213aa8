/** `--device-read-bps` and its like: a path below /dev and a number (docker/cli, opts/throttledevice.go and weightdevice.go). */
import { FlagValueError, isRefusal } from '../errors.ts';
import { parseUnsigned, type Integer } from '../../grammar/strconv.ts';
import { parseRamBytes } from '../../grammar/units.ts';

export interface ThrottleDevice {
  readonly Path: string;
  readonly Rate: Integer;
}

export interface WeightDevice {
  readonly Path: string;
  readonly Weight: Integer;
}

/** `/dev/sda:1mb`. Throws FlagValueError. */
export function parseByteRate(text: string): ThrottleDevice {
  const { path, value } = splitDevice(text);
  const rate = numberOr(() => parseRamBytes(value));
  if (rate !== null && rate >= 0) return { Path: path, Rate: rate };
  throw new FlagValueError(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
  );
}

/** `/dev/sda:100`, operations a second. Throws FlagValueError. */
export function parseOperationRate(text: string): ThrottleDevice {
  const { path, value } = splitDevice(text);
  const rate = decimalOr(value, 64);
  if (rate !== null) return { Path: path, Rate: rate };
  throw new FlagValueError(
    `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
  );
}

/** `/dev/sda:200`. Throws FlagValueError. */
export function parseWeightDevice(text: string): WeightDevice {
  const { path, value } = splitDevice(text);
  const weight = decimalOr(value, 16);
  if (weight !== null && (weight === 0 || (weight >= 10 && weight <= 1000))) return { Path: path, Weight: weight };
  throw new FlagValueError(`invalid weight for device: ${text}`);
}

function splitDevice(text: string): { readonly path: string; readonly value: string } {
  const colon = text.indexOf(':');
  const path = text.slice(0, Math.max(colon, 0));
  if (path === '') throw new FlagValueError(`bad format: ${text}`);
  if (!path.startsWith('/dev/')) throw new FlagValueError(`bad format for device path: ${text}`);
  return { path, value: text.slice(colon + 1) };
}

/** strconv.ParseUint of base 10. */
function decimalOr(text: string, bits: 16 | 64): Integer | null {
  return /^[0-9]+$/.test(text) ? numberOr(() => parseUnsigned(text.replace(/^0+(?=\d)/, ''), bits)) : null;
}

function numberOr(read: () => Integer): Integer | null {
  try {
    return read();
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}
