/** IP and hardware addresses as Go's net reads them. */

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);

/** Go's net.ParseIP. */
export function isAddress(text: string): boolean {
  return isAddress4(text) || isAddress6(text);
}

export function isAddress4(text: string): boolean {
  return ipv4.test(text);
}

export function isAddress6(whole: string): boolean {
  const colon = whole.lastIndexOf(':') + 1;
  const dotted = colon > 0 && whole.includes('.', colon);
  if (dotted && !ipv4.test(whole.slice(colon))) return false;
  // What is written as IPv4 stands for two groups.
  const text = dotted ? `${whole.slice(0, colon)}0:0` : whole;
  const sides = text.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const groups = sides.flat();
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false;
  return sides.length === 2 ? groups.length < 8 : sides.length === 1 && groups.length === 8;
}

/** What an address is as a number of 32 or 128 bits. @param text is an address */
export function addressNumber(text: string): bigint {
  if (isAddress4(text)) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const colon = text.lastIndexOf(':') + 1;
  const dotted = text.includes('.', colon) ? addressNumber(text.slice(colon)) : null;
  const whole = dotted === null ? text : `${text.slice(0, colon)}${(dotted >> 16n).toString(16)}:${(dotted & 0xffffn).toString(16)}`;
  const [left = [], right = []] = whole.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** As Go's netip writes it (RFC 5952): small letters, the first of the longest runs of zeros left out, IPv4 inside of IPv6 dotted. */
export function addressText(number: bigint, bits: 32 | 128): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
  if (number >> 32n === 0xffffn) return `::ffff:${addressText(number & 0xffffffffn, 32)}`;
  const groups = Array.from({ length: 8 }, (_, at) => (number >> BigInt(112 - 16 * at)) & 0xffffn);
  let longest = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === 0n) length += 1;
    if (length > longest.length) longest = { start, length };
  }
  const text = (from: number, to = 8): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return longest.length < 2 ? text(0) : `${text(0, longest.start)}::${text(longest.start + longest.length)}`;
}

const hex = '[0-9a-fA-F]';
const pairs = `${hex}{2}(?:SEP${hex}{2}){5}(?:(?:SEP${hex}{2}){2}|(?:SEP${hex}{2}){14})?`;
const hardwareAddress = new RegExp(
  `^(?:${pairs.replaceAll('SEP', ':')}|${pairs.replaceAll('SEP', '-')}|${hex}{4}(?:\\.${hex}{4}){2}(?:\\.${hex}{4}|(?:\\.${hex}{4}){7})?)$`,
);

/** Of 6, 8 or 20 bytes, as net.ParseMAC takes them. */
export function isHardwareAddress(text: string): boolean {
  return hardwareAddress.test(text);
}

export function isLoopback(address: string): boolean {
  return /^127\.|^::1$/.test(address);
}
