import type { JsonView } from '../json.ts';

interface Port {
  readonly ip: string;
  readonly inside: number;
  readonly outside: number;
  readonly type: string;
}

interface Group {
  readonly ip: string;
  readonly type: string;
  first: number;
  last: number;
}

/** The PORTS column: neighbours joined to ranges, `0.0.0.0:8080->80/tcp`. */
export function portList(ports: readonly JsonView[]): string {
  const sorted = ports.map(portOf).sort(comparePorts);
  const done: string[] = [];
  const mapped: string[] = [];
  const groups = new Map<string, Group>();
  for (const { ip, inside, outside, type } of sorted) {
    if (ip !== '' && outside !== inside) {
      mapped.push(`${hostPort(ip, String(outside))}->${inside}/${type}`);
      continue;
    }
    const key = `${ip}/${type}`;
    const group = groups.get(key);
    if (group !== undefined && inside === group.last + 1) group.last = inside;
    else {
      if (group !== undefined) done.push(groupText(group));
      groups.set(key, { ip, type, first: inside, last: inside });
    }
  }
  return [...done, ...[...groups.values()].map(groupText), ...mapped].join(', ');
}

function portOf(view: JsonView): Port {
  return { ip: view.string('IP'), inside: view.number('PrivatePort'), outside: view.number('PublicPort'), type: view.string('Type') };
}

function comparePorts(a: Port, b: Port): number {
  return a.inside - b.inside || compareText(a.ip, b.ip) || a.outside - b.outside || compareText(a.type, b.type);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hostPort(ip: string, port: string): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function groupText({ ip, type, first, last }: Group): string {
  const range = first === last ? String(first) : `${first}-${last}`;
  return `${ip === '' ? range : `${hostPort(ip, range)}->${range}`}/${type}`;
}
