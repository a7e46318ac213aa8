import { FlagValueError } from '../errors.ts';
import { isAddress } from '../../grammar/address.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { parseDecimal, type Integer } from '../../grammar/strconv.ts';

/** `-a stdin` */
export function acceptStream(text: string): string {
  const stream = text.toLowerCase();
  if (!['stdin', 'stdout', 'stderr'].includes(stream)) throw new FlagValueError('valid streams are STDIN, STDOUT and STDERR');
  return stream;
}

/** `--link name:alias` */
export function acceptLink(text: string): string {
  if (text === '') throw new FlagValueError('empty string specified for links');
  if (text.split(':').length > 2) throw new FlagValueError(`bad format for links: ${text}`);
  return text;
}

/** `--dns 1.1.1.1` */
export function acceptAddress(text: string): string {
  const trimmed = text.trim();
  if (!isAddress(trimmed)) throw new FlagValueError(`IP address is not correctly formatted: ${text}`);
  return trimmed;
}

/** `--add-host name:address` or `name=address` */
export function acceptHost(text: string): string {
  const separator = /[=:]/.exec(text);
  const name = separator === null ? '' : text.slice(0, separator.index);
  if (separator === null || name === '') throw new FlagValueError(`bad format for add-host: ${goQuote(text)}`);
  const address = text.slice(separator.index + 1).replace(/^\[(.*)\]$/, '$1');
  if (address !== 'host-gateway' && !isAddress(address)) throw new FlagValueError(`invalid IP address in add-host: ${goQuote(address)}`);
  return `${name}:${address}`;
}

/** `--dns-search` */
export function acceptDomain(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '.') return trimmed;
  if (/^(?:[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]|[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]|[a-zA-Z0-9]))*\.?$/.test(trimmed))
    return trimmed.replace(/\.$/, '');
  throw new FlagValueError(`${text} is not a valid domain`);
}

const namespacedSysctls = new Set([
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]);

/** `--sysctl net.core.somaxconn=1024`: only what belongs to a namespace. */
export function acceptSysctl(text: string): string {
  const [name = ''] = text.split('=');
  if (text.includes('=') && (namespacedSysctls.has(name) || /^(net|fs\.mqueue)\./.test(name))) return text;
  throw new FlagValueError(`sysctl '${text}' is not allowed`);
}

export interface Ulimit {
  readonly Name: string;
  readonly Hard: Integer;
  readonly Soft: Integer;
}

const limits = new Set([
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]);

/** `--ulimit nofile=1024:2048` (go-units ParseUlimit). */
export function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf('=');
  if (equals === -1) throw new FlagValueError(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!limits.has(name)) throw new FlagValueError(`invalid ulimit type: ${name}`);
  const values = text.slice(equals + 1).split(':');
  if (values.length > 2)
    throw new FlagValueError(`too many limit value arguments - ${text.slice(equals + 1)}, can only have up to two, \`soft[:hard]\``);
  const soft = parseDecimal(values[0] ?? '');
  const hard = values[1] === undefined ? soft : parseDecimal(values[1]);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new FlagValueError(
      soft === -1
        ? `ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: ${hard}`
        : `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
    );
  }
  return { Name: name, Hard: hard, Soft: soft };
}

/** The last of each name. */
export function lastUlimits(given: readonly Ulimit[]): readonly Ulimit[] {
  return [...new Map(given.map((limit) => [limit.Name, limit])).values()];
}

/** `NET_ADMIN`, `cap_net_admin` and `CAP_NET_ADMIN` are one; what is added is not dropped. Sorted. */
export function effectiveCapabilities(
  add: readonly string[],
  drop: readonly string[],
): { readonly add: readonly string[]; readonly drop: readonly string[] } {
  const added = capabilitySet(add);
  const dropped = [...capabilitySet(drop)].filter((name) => !added.has(name));
  return { add: [...added].sort(), drop: dropped.sort() };
}

function capabilitySet(names: readonly string[]): ReadonlySet<string> {
  const upper = names.map((name) => name.toUpperCase());
  return new Set(upper.map((name) => (name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`)));
}

export interface RestartPolicy {
  readonly Name: string;
  readonly MaximumRetryCount: Integer;
}

/** `on-failure:3`; which names exist is the daemon's to say. Throws FlagValueError. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const colon = text.indexOf(':');
  if (colon === -1) return { Name: text, MaximumRetryCount: 0 };
  const name = text.slice(0, colon);
  if (name === '') throw new FlagValueError('invalid restart policy format: no policy provided before colon');
  const count = text.slice(colon + 1);
  try {
    return { Name: name, MaximumRetryCount: count === '' ? 0 : parseDecimal(count) };
  } catch {
    throw new FlagValueError('invalid restart policy format: maximum retry count must be an integer');
  }
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer: string;
  readonly CgroupPermissions: string;
}

/** `--device /dev/null:/dev/zero:rw`. Throws FlagValueError. */
export function parseDevice(text: string): DeviceMapping {
  const parts = text.split(':');
  const [source = '', second = '', third] = parts;
  if (parts.length > 3 || source === '') throw new FlagValueError(`bad format for path: ${text}`);
  if (third !== undefined && !isDeviceMode(third)) throw new FlagValueError(`bad mode specified: ${third}`);
  const secondIsMode = parts.length === 2 && isDeviceMode(second);
  const target = parts.length === 1 || secondIsMode ? source : second;
  if (!target.startsWith('/')) throw new FlagValueError(`${target} is not an absolute path`);
  return { PathOnHost: source, PathInContainer: target, CgroupPermissions: third ?? (secondIsMode ? second : 'rwm') };
}

function isDeviceMode(text: string): boolean {
  return /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length;
}

export function acceptDeviceRule(text: string): string {
  if (/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(text)) return text;
  throw new FlagValueError(`invalid device cgroup format '${text}'`);
}
