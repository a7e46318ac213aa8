import type { FirewallChange, FirewallFamily, FirewallTable } from '../../protocol/firewall.ts';
import type { PublishedPort } from '../ports/published-port.ts';
import type { Bits } from './address.ts';
import { poolOf, type NetworkRecord } from './network.ts';

/** The rules of Docker 28.5 without a userland proxy, in the order in which it writes them (libnetwork, drivers/bridge). */

const versions: readonly { readonly family: FirewallFamily; readonly bits: Bits }[] = [
  { family: 'ip', bits: 32 },
  { family: 'ip6', bits: 128 },
];

function tablesOf(family: FirewallFamily): Readonly<Record<FirewallTable, (words: string) => FirewallChange>> {
  const into =
    (table: FirewallTable) =>
    (words: string): FirewallChange => ({ family, table, words });
  return { nat: into('nat'), filter: into('filter'), raw: into('raw') };
}

/** What is there as long as the daemon is. Nothing of IPv6 is dropped before a network has it. */
export function daemonRules(): FirewallChange[] {
  return versions.flatMap(({ family }) => {
    const { nat, filter } = tablesOf(family);
    const chains = ['', '-BRIDGE', '-CT', '-FORWARD', '-ISOLATION-STAGE-1', '-ISOLATION-STAGE-2', '-USER'];
    return [
      nat('-P PREROUTING ACCEPT'),
      nat('-P OUTPUT ACCEPT'),
      nat('-P POSTROUTING ACCEPT'),
      nat('-N DOCKER'),
      nat('-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER'),
      nat('-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER'),
      filter(`-P FORWARD ${family === 'ip' ? 'DROP' : 'ACCEPT'}`),
      ...chains.map((chain) => filter(`-N DOCKER${chain}`)),
      filter('-A FORWARD -j DOCKER-USER'),
      filter('-A FORWARD -j DOCKER-FORWARD'),
      filter('-A DOCKER-FORWARD -j DOCKER-CT'),
      filter('-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1'),
      filter('-A DOCKER-FORWARD -j DOCKER-BRIDGE'),
    ];
  });
}

/** Of a network's bridge: what leaves it, what may come to it, and that it is apart from others. */
export function networkRules(network: Pick<NetworkRecord, 'bridge' | 'internal' | 'pools'>): FirewallChange[] {
  return versions.flatMap(({ family, bits }) => {
    const pool = poolOf(network, bits);
    return pool === null ? [] : rulesOf(network, family, pool.subnet);
  });
}

function rulesOf(
  { bridge, internal }: Pick<NetworkRecord, 'bridge' | 'internal'>,
  family: FirewallFamily,
  subnet: string,
): FirewallChange[] {
  if (bridge === null) return [];
  const { nat, filter } = tablesOf(family);
  const { interfaceName: name, icc, masquerade } = bridge;
  const closed = family === 'ip' ? [] : [filter('-P FORWARD DROP')];
  if (internal) {
    const [into, outOf] = family === 'ip' ? ['', ''] : [`! -i ${name} `, `! -o ${name} `];
    return [
      ...closed,
      filter(`-I DOCKER-ISOLATION-STAGE-1 ! -d ${subnet} -i ${name} ${outOf}-j DROP`),
      filter(`-I DOCKER-ISOLATION-STAGE-1 ! -s ${subnet} ${into}-o ${name} -j DROP`),
      filter(`-A DOCKER-FORWARD -i ${name} -o ${name} -j ${icc ? 'ACCEPT' : 'DROP'}`),
    ];
  }
  const among = icc
    ? [filter(`-A DOCKER-FORWARD -i ${name} -j ACCEPT`)]
    : [filter(`-A DOCKER-FORWARD -i ${name} -o ${name} -j DROP`), filter(`-A DOCKER-FORWARD -i ${name} ! -o ${name} -j ACCEPT`)];
  return [
    ...closed,
    ...(masquerade ? [nat(`-I POSTROUTING -s ${subnet} ! -o ${name} -j MASQUERADE`)] : []),
    nat(`-I POSTROUTING -o ${name} -m addrtype --src-type LOCAL -j MASQUERADE`),
    filter(`-A DOCKER ! -i ${name} -o ${name} -j DROP`),
    filter(`-A DOCKER-BRIDGE -o ${name} -j DOCKER`),
    filter(`-A DOCKER-CT -o ${name} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    ...among,
    filter(`-A DOCKER-ISOLATION-STAGE-1 -i ${name} ! -o ${name} -j DOCKER-ISOLATION-STAGE-2`),
    filter(`-I DOCKER-ISOLATION-STAGE-2 -o ${name} -j DROP`),
  ];
}

export interface PortsPlace {
  /** Of the bridge. */
  readonly interfaceName: string;
  /** Of the container. */
  readonly address: string;
}

/**
 * Of a container's published ports: its own address is not for others, each port leads to it, and so for itself. Docker writes the first of them
 * (raw) for every container; here it is only where there are ports, and nothing else reaches a bridge from outside.
 * @param ports of the version of the container's address
 */
export function portRules(ports: readonly PublishedPort[], { interfaceName: name, address }: PortsPlace): FirewallChange[] {
  if (ports.length === 0) return [];
  const is6 = address.includes(':');
  const { nat, filter, raw } = tablesOf(is6 ? 'ip6' : 'ip');
  const bits = is6 ? 128 : 32;
  const whole = `${address}/${bits}`;
  const destination = is6 ? `[${address}]` : address;
  const inside = new Set<string>();
  const rules = [raw('-P PREROUTING ACCEPT'), raw(`-A PREROUTING -d ${whole} ! -i ${name} -j DROP`)];
  for (const port of ports) {
    const { protocol } = port;
    const to = (number: number): string => `-p ${protocol} -m ${protocol} --dport ${number}`;
    const from = is6 ? '! -s fe80::/10 ' : '';
    const on = port.address === '0.0.0.0' || port.address === '::' ? '' : `-d ${port.address}/${bits} `;
    rules.push(nat(`-A DOCKER ${from}${on}${to(port.outside)} -j DNAT --to-destination ${destination}:${port.inside}`));
    if (port.address.startsWith('127.')) rules.push(raw(`-A PREROUTING ${on}! -i lo ${to(port.outside)} -j DROP`));
    if (inside.has(to(port.inside))) continue;
    inside.add(to(port.inside));
    rules.push(
      filter(`-I DOCKER -d ${whole} ! -i ${name} -o ${name} ${to(port.inside)} -j ACCEPT`),
      nat(`-A POSTROUTING -s ${whole} -d ${whole} ${to(port.inside)} -j MASQUERADE`),
    );
  }
  return rules;
}
