import { BlockList, isIP } from 'node:net';
import { AppError } from '../../../base/errors.ts';

/** A host that the person lets containers reach although it is this machine's or its network's own. */
export interface AllowedHost {
  /** A name in lower case, or an address. */
  readonly host: string;
  /** null: any. */
  readonly port: number | null;
}

/** "localhost:8000", "192.0.2.7", "[::1]:80". @throws AppError invalid */
export function parseAllowedHost(text: string): AllowedHost {
  const wrong = (): AppError => new AppError('invalid', `--allow-host wants HOST or HOST:PORT, not ${text}`);
  if (isIP(text) === 6) return { host: text, port: null };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = (bracketed ?? plain ?? '').toLowerCase();
  if (isIP(host) === 0 && (bracketed !== undefined || !/^[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?$/.test(host))) throw wrong();
  const port = digits === undefined ? null : Number(digits);
  if (port !== null && (port < 1 || port > 65_535)) throw wrong();
  return { host, port };
}

/** Docker Desktop's name for the machine that the engine runs on. */
export const thisMachine = 'host.docker.internal';

/** What only this machine, or the network it stands in, has: no container was meant to speak to it. */
const own = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['127.0.0.0', 8],
  // Link-local, with the metadata services of most clouds.
  ['169.254.0.0', 16],
  // Metadata: Alibaba, Azure's agent, Oracle.
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
  // What stands for names in the guest, multicast, reserved, broadcast.
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  own.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fe80::', 10],
  ['fec0::', 10],
  ['fd00:ec2::', 32],
  ['fd20:ce::254', 128],
  ['ff00::', 8],
] as const)
  own.addSubnet(network, prefix, 'ipv6');

/** Why an address is not for containers; null: it is. @param address as the system writes it */
export function refusalOf(address: string): string | null {
  const version = isIP(address);
  if (version === 0) return `${address} is not an address`;
  const inside = version === 6 ? embeddedIn(address) : address;
  if (inside !== null) return own.check(inside, 'ipv4') ? ownWords(address) : null;
  return own.check(address, 'ipv6') ? ownWords(address) : null;
}

const ownWords = (address: string): string => `${address} is this machine's or its network's own: --allow-host lets containers reach it`;

/** The address of version 4 that one of version 6 leads to: mapped, compatible, NAT64 (RFC 6052), 6to4. */
function embeddedIn(address: string): string | null {
  const words = wordsOf(address);
  const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');
  const starts = (...with_: readonly number[]): boolean => with_.every((word, at) => words[at] === word);
  const [, second, third, , , , seventh, eighth] = words;
  if (starts(0, 0, 0, 0, 0, 0xffff) || starts(0x64, 0xff9b, 0, 0, 0, 0)) return dotted(seventh, eighth);
  if (starts(0, 0, 0, 0, 0, 0) && seventh !== 0) return dotted(seventh, eighth);
  return starts(0x2002) ? dotted(second, third) : null;
}

/** Its eight words. */
function wordsOf(address: string): number[] {
  // URL writes the last four bytes of a dotted one as words, too.
  const hex = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1);
  const [before = '', after] = hex.split('::');
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((word) => Number.parseInt(word, 16)));
  if (after === undefined) return numbers(before);
  const [head, tail] = [numbers(before), numbers(after)];
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}
