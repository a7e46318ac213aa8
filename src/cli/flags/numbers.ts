import { AppError } from '../../base/errors.ts';
import type { Integer } from '../../grammar/strconv.ts';

/** Characters of a number of CPUs: to divide takes longer than its digits are many. */
const longestRational = 1024;

/** `--cpus`: a rational number of CPUs as billionths of one. */
export function parseNanoCpus(text: string): Integer {
  if (text.length > longestRational)
    throw new AppError('invalid', `failed to parse ${text.slice(0, longestRational)}… as a rational number`);
  const parts = /^([-+]?)(\d+)(?:\.(\d*))?(?:[eE]([-+]?\d{1,3}))?$|^([-+]?)()\.(\d+)(?:[eE]([-+]?\d{1,3}))?$/.exec(text);
  const fraction = /^([-+]?\d+)\/(\d+)$/.exec(text);
  if (fraction?.[1] !== undefined && fraction[2] !== undefined && BigInt(fraction[2]) !== 0n) {
    return exactNano(BigInt(fraction[1]), BigInt(fraction[2]));
  }
  if (parts === null) throw new AppError('invalid', `failed to parse ${text} as a rational number`);
  const sign = (parts[1] ?? parts[5]) === '-' ? -1n : 1n;
  const decimals = parts[3] ?? parts[7] ?? '';
  const exponent = Number(parts[4] ?? parts[8] ?? 0) - decimals.length;
  const digits = sign * BigInt(`${parts[2] ?? parts[6] ?? ''}${decimals}`);
  return exponent >= 0 ? exactNano(digits * 10n ** BigInt(exponent), 1n) : exactNano(digits, 10n ** BigInt(-exponent));
}

function exactNano(numerator: bigint, denominator: bigint): Integer {
  const nano = numerator * 1_000_000_000n;
  if (nano % denominator !== 0n) throw new AppError('invalid', 'value is too precise');
  // As big.Int.Int64: what is beyond 64 bits is lost, in Docker's client, too.
  const whole = BigInt.asIntN(64, nano / denominator);
  return Number.isSafeInteger(Number(whole)) ? Number(whole) : whole;
}
