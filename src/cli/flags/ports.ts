import type { Steps } from '../../base/steps.ts';
import { FlagValueError, messageOf } from '../errors.ts';
import { isAddress } from '../../grammar/address.ts';
import { parsePort } from '../../grammar/strconv.ts';

export interface PortBinding {
  readonly HostIp: string;
  readonly HostPort: string;
}

export interface PublishedPorts {
  /** `80/tcp` → {} */
  readonly exposed: Record<string, object>;
  readonly bindings: Record<string, PortBinding[]>;
}

const protocols = new Set(['tcp', 'udp', 'sctp']);

/** `-p [ip:][host]:container[/protocol]` with ranges, and `--expose` (go-connections nat). Throws FlagValueError. */
export function parsePorts(published: readonly string[], exposed: readonly string[], steps?: Steps): PublishedPorts {
  const ports: PublishedPorts = { exposed: {}, bindings: {} };
  for (const spec of published) publish(ports, spec.includes('=') ? fromLongForm(spec, steps) : spec, steps);
  for (const spec of exposed) expose(ports, spec, steps);
  return ports;
}

function fromLongForm(spec: string, steps?: Steps): string {
  const fields = new Map([
    ['published', ''],
    ['target', ''],
    ['protocol', 'tcp'],
  ]);
  for (const field of spec.split(',')) {
    steps?.take(1 + field.length);
    const [name = '', value] = field.split('=');
    if (value === undefined) throw new FlagValueError(`invalid publish opts format (should be name=value but got '${field}')`);
    fields.set(name, value);
  }
  return `${fields.get('published')}:${fields.get('target')}/${fields.get('protocol')}`;
}

function publish(ports: PublishedPorts, spec: string, steps?: Steps): void {
  steps?.take(1 + spec.length);
  const { ip, host, container } = splitSpec(spec);
  const [inside = '', protocol = 'tcp'] = container.split('/');
  if (inside === '') throw new FlagValueError(`no port specified: ${spec}<empty>`);
  if (!protocols.has(protocol.toLowerCase())) throw new FlagValueError(`invalid proto: ${protocol}`);
  const range = parseRange(inside, `invalid containerPort: ${inside}`);
  const outside = host === '' ? null : parseRange(host, `invalid hostPort: ${host}`);
  const count = range.last - range.first;
  const spreads = outside !== null && count !== outside.last - outside.first;
  if (spreads && count !== 0) throw new FlagValueError(`invalid ranges specified for container and host Ports: ${inside} and ${host}`);
  for (let offset = 0; offset <= count; offset++) {
    steps?.take();
    const key = `${range.first + offset}/${protocol.toLowerCase()}`;
    const hostPort = outside === null ? '' : spreads ? `${outside.first}-${outside.last}` : String(outside.first + offset);
    ports.exposed[key] = {};
    (ports.bindings[key] ??= []).push({ HostIp: ip, HostPort: hostPort });
  }
}

function splitSpec(spec: string): { readonly ip: string; readonly host: string; readonly container: string } {
  const bracketed = /^\[(.*?)\]:([^:]*):([^:]*)$/.exec(spec);
  if (bracketed !== null) return { ip: bracketed[1] ?? '', host: bracketed[2] ?? '', container: bracketed[3] ?? '' };
  const parts = spec.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const ip = parts.join(':');
  if (ip !== '' && !isAddress(ip)) throw new FlagValueError(`invalid IP address: ${ip}`);
  return { ip, host, container };
}

function parseRange(text: string, complaint: string): { readonly first: number; readonly last: number } {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || first > 65535 || last > 65535 || last < first) throw new FlagValueError(complaint);
  return { first, last };
}

function expose(ports: PublishedPorts, spec: string, steps?: Steps): void {
  steps?.take(1 + spec.length);
  if (spec.includes(':')) throw new FlagValueError(`invalid port format for --expose: ${spec}`);
  const [range = '', protocol = 'tcp'] = spec.split('/');
  const { first, last } = exposedRange(spec, range);
  for (let number = first; number <= last; number++) {
    steps?.take();
    ports.exposed[`${number}/${protocol}`] ??= {};
  }
}

function exposedRange(spec: string, range: string): { readonly first: number; readonly last: number } {
  try {
    if (range === '') throw new FlagValueError('empty string specified for ports');
    const [start = '', end = start] = range.split('-', 2);
    const [first, last] = [parsePort(start), parsePort(end)];
    if (last < first) throw new FlagValueError(`invalid range specified for port: ${range}`);
    return { first, last };
  } catch (error) {
    throw new FlagValueError(`invalid range format for --expose: ${spec}, error: ${messageOf(error)}`);
  }
}
