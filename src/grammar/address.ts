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
