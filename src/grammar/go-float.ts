/** Decimal digits of a float64 as strconv.AppendFloat writes them: exact, however many are asked for. */

interface Decimal {
  /** Significant digits, none of them leading zeros; '' is zero. */
  readonly digits: string;
  /** Where the point stands: the value is 0.digits times ten to this power. */
  readonly point: number;
}

/** `%e`, `%f` and `%g` of a finite number without its sign. @param precision digits, -1 for the fewest that tell it apart */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision: number): string {
  const magnitude = Math.abs(value);
  const shortest = precision < 0;
  const decimal = shortest ? shortestDigits(magnitude) : exactDigits(magnitude);
  if (verb === 'e')
    return exponential(shortest ? decimal : round(decimal, precision + 1), shortest ? decimal.digits.length - 1 : precision);
  if (verb === 'f') {
    const places = shortest ? Math.max(0, decimal.digits.length - decimal.point) : precision;
    return fixed(shortest ? decimal : round(decimal, decimal.point + places), places);
  }
  const wanted = precision === 0 ? 1 : precision;
  const rounded = shortest ? decimal : round(decimal, wanted);
  const exponent = rounded.digits === '' ? 0 : rounded.point - 1;
  if (exponent < -4 || exponent >= (shortest ? 6 : wanted)) return exponential(rounded, Math.max(0, rounded.digits.length - 1));
  return fixed(rounded, Math.max(0, rounded.digits.length - rounded.point));
}

function shortestDigits(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return trimmed(mantissa.replace('.', ''), Number(exponent) + 1);
}

/** Every double is a whole number times a power of two, and so has an end in decimal. */
function exactDigits(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 };
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const power = Math.max(1, biased) - 1075;
  if (power >= 0) {
    const whole = String(mantissa << BigInt(power));
    return trimmed(whole, whole.length);
  }
  const scaled = String(mantissa * 5n ** BigInt(-power));
  return trimmed(scaled, scaled.length + power);
}

function trimmed(digits: string, point: number): Decimal {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end--;
  return { digits: digits.slice(0, end), point: end === 0 ? 0 : point };
}

/** To so many digits, half to even. */
function round({ digits, point }: Decimal, count: number): Decimal {
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  const next = digits.charCodeAt(count) - 48;
  const isOdd = count > 0 && digits.charCodeAt(count - 1) % 2 === 1;
  const up = next > 5 || (next === 5 && (digits.length > count + 1 || isOdd));
  if (!up) return trimmed(kept, point);
  const raised = String(BigInt(`0${kept}`) + 1n).padStart(count, '0');
  return trimmed(raised, point + raised.length - count);
}

function exponential({ digits, point }: Decimal, places: number): string {
  const exponent = digits === '' ? 0 : point - 1;
  const rest = digits.slice(1).padEnd(places, '0').slice(0, places);
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0) || '0'}${rest === '' ? '' : `.${rest}`}e${exponent < 0 ? '-' : '+'}${size}`;
}

function fixed({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places === 0) return whole;
  const rest = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, places)) + digits;
  return `${whole}.${rest.slice(0, places).padEnd(places, '0')}`;
}

/** `%b`: the mantissa as a whole number and the power of two. */
export function formatBinary(value: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const mantissa = (raw & 0xfffffffffffffn) | (biased === 0 ? 0n : 1n << 52n);
  const power = Math.max(1, biased) - 1075;
  return `${mantissa}p${power < 0 ? '-' : '+'}${Math.abs(power)}`;
}

/** `%x`: hexadecimal mantissa, binary exponent. @param precision hexadecimal digits after the point, -1 for all that count */
export function formatHex(value: number, precision: number): string {
  if (value === 0) return `0x0${precision > 0 ? `.${'0'.repeat(precision)}` : ''}p+00`;
  let mantissa = Math.abs(value);
  let exponent = 0;
  for (; mantissa >= 2; exponent++) mantissa /= 2;
  for (; mantissa < 1; exponent--) mantissa *= 2;
  let scaled = BigInt(mantissa * 2 ** 52);
  if (precision >= 0 && precision < 13) {
    const dropped = BigInt(52 - 4 * precision);
    const half = 1n << (dropped - 1n);
    const rest = scaled & ((1n << dropped) - 1n);
    const kept = scaled >> dropped;
    scaled = (rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept) << dropped;
    if (scaled >= 1n << 53n) {
      scaled >>= 1n;
      exponent++;
    }
  }
  const hex = scaled.toString(16);
  const fraction = precision < 0 ? hex.slice(1).replace(/0{1,13}$/, '') : hex.slice(1, 1 + precision).padEnd(precision, '0');
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `0x${hex.charAt(0)}${fraction === '' ? '' : `.${fraction}`}p${exponent < 0 ? '-' : '+'}${size}`;
}

/** C's and Go's %.Ng: at most N significant digits, no trailing zeros. */
export function formatG(value: number, precision: number): string {
  return (value < 0 ? '-' : '') + formatFloat(value, 'g', precision);
}
