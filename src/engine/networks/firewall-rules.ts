import type { FirewallChange, FirewallTable } from '../../protocol/firewall.ts';
import type { PublishedPort } from '../ports/published-port.ts';
import { formatSubnet, parseSubnet } from './address.ts';
import type { NetworkRecord } from './network.ts';

/** The rules of Docker 28.5 without a userland proxy, in the order in which it writes them (libnetwork, drivers/bridge). */

const into =
  (table: FirewallTable) =>
  (words: string): FirewallChange => ({ table, words });
const nat = into('nat');
const filter = into('filter');
const raw = into('raw');

/** What is there as long as the daemon is. */
export function daemonRules(): FirewallChange[] {
  const chains = ['', '-BRIDGE', '-CT', '-FORWARD', '-ISOLATION-STAGE-1', '-ISOLATION-STAGE-2', '-USER'];
  return [
    nat('-P PREROUTING ACCEPT'),
    nat('-P OUTPUT ACCEPT'),
    nat('-P POSTROUTING ACCEPT'),
    nat('-N DOCKER'),
    nat('-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER'),
    nat('-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER'),
    filter('-P FORWARD DROP'),
    ...chains.map((chain) => filter(`-N DOCKER${chain}`)),
    filter('-A FORWARD -j DOCKER-USER'),
    filter('-A FORWARD -j DOCKER-FORWARD'),
    filter('-A DOCKER-FORWARD -j DOCKER-CT'),
    filter('-A DOCKER-FORWARD -j DOCKER-ISOLATION-STAGE-1'),
    filter('-A DOCKER-FORWARD -j DOCKER-BRIDGE'),
  ];
}

/** Of a network's bridge: what leaves it, what may come to it, and that it is apart from others. */
export function networkRules({ bridge, internal }: Pick<NetworkRecord, 'bridge' | 'internal'>): FirewallChange[] {
  if (bridge === null) return [];
  const { interfaceName: name, icc, masquerade } = bridge;
  const subnet = formatSubnet(parseSubnet(bridge.subnet));
  if (internal)
    return [
      filter(`-I DOCKER-ISOLATION-STAGE-1 ! -d ${subnet} -i ${name} -j DROP`),
      filter(`-I DOCKER-ISOLATION-STAGE-1 ! -s ${subnet} -o ${name} -j DROP`),
      filter(`-A DOCKER-FORWARD -i ${name} -o ${name} -j ${icc ? 'ACCEPT' : 'DROP'}`),
    ];
  const among = icc
    ? [filter(`-A DOCKER-FORWARD -i ${name} -j ACCEPT`)]
    : [filter(`-A DOCKER-FORWARD -i ${name} -o ${name} -j DROP`), filter(`-A DOCKER-FORWARD -i ${name} ! -o ${name} -j ACCEPT`)];
  return [
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
 */
export function portRules(ports: readonly PublishedPort[], { interfaceName: name, address }: PortsPlace): FirewallChange[] {
  const inside = new Set<string>();
  const rules = [raw('-P PREROUTING ACCEPT'), raw(`-A PREROUTING -d ${address}/32 ! -i ${name} -j DROP`)];
  for (const port of ports) {
    const { protocol } = port;
    const to = (number: number): string => `-p ${protocol} -m ${protocol} --dport ${number}`;
    const on = port.address === '0.0.0.0' ? '' : `-d ${port.address}/32 `;
    rules.push(nat(`-A DOCKER ${on}${to(port.outside)} -j DNAT --to-destination ${address}:${port.inside}`));
    if (port.address.startsWith('127.')) rules.push(raw(`-A PREROUTING ${on}! -i lo ${to(port.outside)} -j DROP`));
    if (inside.has(to(port.inside))) continue;
    inside.add(to(port.inside));
    rules.push(
      filter(`-I DOCKER -d ${address}/32 ! -i ${name} -o ${name} ${to(port.inside)} -j ACCEPT`),
      nat(`-A POSTROUTING -s ${address}/32 -d ${address}/32 ${to(port.inside)} -j MASQUERADE`),
    );
  }
  return rules;
}
