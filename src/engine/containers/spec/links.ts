import type { Container, Link } from '../container.ts';
import type { Needs } from '../context.ts';
import { linkName, shownAlias } from '../links.ts';

/** A container that is linked to, as far as it shows in the one that links to it. */
export interface Linked {
  /** "parent/alias" */
  readonly name: string;
  /** What processes know it by. */
  readonly alias: string;
  readonly child: Pick<Container, 'name' | 'config'>;
  readonly address: string;
}

/** Those that run and that the container reaches on the default bridge; none where it is not on it itself. */
export function linkedTo({ store }: Needs<'store'>, container: Container): Linked[] {
  if (!container.endpoints.has('bridge')) return [];
  return container.links.flatMap((link: Link) => {
    const child = store.byId(link.child.id);
    const address = child?.endpoints.get('bridge')?.lease?.link?.address;
    return child === null || address === undefined ? [] : [{ name: linkName(container, link), alias: shownAlias(link), child, address }];
  });
}

/** The line of a link in /etc/hosts, without its end (daemon/container_operations_unix.go, buildSandboxOptions). */
export function linkLine({ alias, child, address }: Linked): string {
  const names = [alias, child.config.Hostname, ...(alias === child.name ? [] : [child.name])];
  return `${address}\t${names.join(' ')}`;
}

interface Port {
  readonly number: number;
  readonly protocol: string;
}

/** The variables that a link gives to processes (daemon/links/links.go). */
export function linkVariables({ name, alias, child, address }: Linked): string[] {
  const prefix = alias.toUpperCase().replaceAll('-', '_');
  const ports = portsOf(child.config.ExposedPorts ?? {});
  const url = ({ number, protocol }: Port): string => `${protocol}://${address}:${number}`;
  const [first] = ports;
  const variables = first === undefined ? [] : [`${prefix}_PORT=${url(first)}`];
  let [start, end] = [first, first];
  const endRange = (): void => {
    if (start === undefined || end === undefined || start === end) return;
    const range = `${prefix}_PORT_${start.number}_${start.protocol.toUpperCase()}`;
    variables.push(
      `${range}_START=${url(start)}`,
      `${range}_PORT_START=${start.number}`,
      `${range}_END=${url(end)}`,
      `${range}_PORT_END=${end.number}`,
    );
  };
  for (const port of ports) {
    const each = `${prefix}_PORT_${port.number}_${port.protocol.toUpperCase()}`;
    variables.push(`${each}=${url(port)}`, `${each}_ADDR=${address}`, `${each}_PORT=${port.number}`, `${each}_PROTO=${port.protocol}`);
    if (port === first) continue;
    if (end?.protocol === port.protocol && port.number === end.number + 1) {
      end = port;
    } else {
      endRange();
      start = end = port;
    }
  }
  endRange();
  variables.push(`${prefix}_NAME=/${name}`);
  for (const assignment of child.config.Env ?? []) {
    if (!assignment.includes('=') || /^(HOME|PATH)=/.test(assignment)) continue;
    variables.push(`${prefix}_ENV_${assignment}`);
  }
  return variables;
}

/** By number, those of TCP first. */
function portsOf(exposed: Readonly<Record<string, unknown>>): Port[] {
  const ports = Object.keys(exposed).map((text) => {
    const [number, protocol = 'tcp'] = text.split('/');
    return { number: Number(number), protocol };
  });
  const rank = ({ protocol }: Port): number => (protocol === 'tcp' ? 0 : 1);
  return ports.sort((one, other) => rank(one) - rank(other) || one.number - other.number || (one.protocol < other.protocol ? -1 : 1));
}
