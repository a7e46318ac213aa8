import { AppError, toAppError } from '../../../base/errors.ts';
import { ownValue } from '../../../base/record.ts';
import type { FirewallChange, FirewallRule } from '../../../protocol/firewall.ts';
import { isAddress4 } from '../../../grammar/address.ts';
import { bitsOf, type Bits } from '../../networks/address.ts';
import { portRules, type PortsPlace } from '../../networks/firewall-rules.ts';
import type { NetworkRecord } from '../../networks/network.ts';
import type { Publication } from '../../ports/publication.ts';
import type { PublishedPort } from '../../ports/published-port.ts';
import { everywhere4, everywhere6 } from '../../ports/table.ts';
import { wantedPorts, type WantedPort } from '../../ports/wanted.ts';
import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import { hasIpv6 } from '../spec/files.ts';
import { defaultGateways, type GatewayEndpoint } from './join-networks.ts';

type Context = Needs<'runtime' | 'networks' | 'ports'>;

/** Attempts to find a port that the machine has free, too (libnetwork, maxAllocatePortAttempts). */
const attempts = 10;

/**
 * Gives the container the ports that it asks for, on the networks that its default routes go to; without one it publishes none, as in Docker.
 * @throws AppError in Docker's words; nothing is published then
 */
export async function publishPorts(context: Context, container: LockedContainer): Promise<void> {
  const places = placesOf(context, container);
  const wanted = wantedPorts(container.config, container.hostConfig, {
    v4: places.v4 === null ? null : places.v4.binding,
    // An address of IPv4 that a network has for its ports says nothing of IPv6.
    v6: places.v6 === null ? null : places.v6.binding === everywhere4 ? everywhere6 : '',
  });
  if (wanted.length === 0) return;
  const networks = networksOf(places);
  const ports: PublishedPort[] = [];
  const listeners: (() => Promise<void>)[] = [];
  try {
    refuseTwice(wanted);
    for (const port of wanted) {
      const opened = await openPort(context, port, places);
      ports.push(...opened.published);
      listeners.push(...opened.listeners);
    }
    const rules = await addRules(context, ports, places);
    await forgetFlows(context, ports);
    container.publication = { networks, ports, rules, listeners };
  } catch (thrown) {
    await giveBack(context, { networks, ports, rules: [], listeners });
    const { kind, message, detail } = toAppError(thrown);
    const endpoint = `${container.name} (${(places.v4 ?? places.v6)?.endpointId ?? ''})`;
    const why = `driver failed programming external connectivity on endpoint ${endpoint}: ${message}`;
    throw new AppError(kind === 'not_found' ? 'internal' : kind, why, { cause: thrown, detail });
  }
}

/** Gives them back. Never fails: a run that is over is over. */
export async function unpublishPorts(context: Context, container: Container): Promise<void> {
  const { publication } = container;
  container.publication = null;
  if (publication !== null) await giveBack(context, publication);
}

/** To the networks that its default routes go to now. @throws as publishPorts */
export async function movePorts(context: Context, container: LockedContainer): Promise<void> {
  const { v4, v6 } = networksOf(placesOf(context, container));
  const { publication } = container;
  if (publication !== null && publication.networks.v4 === v4 && publication.networks.v6 === v6) return;
  await unpublishPorts(context, container);
  await publishPorts(context, container);
}

/** After a restore: the ports are taken, and the rules are in the guest; what it runs on has to be asked again, and the log says what it refuses. */
export async function resumePorts(context: Needs<'ports' | 'networks' | 'events'>, container: Container): Promise<void> {
  const { publication, id } = container;
  const { table, publisher } = context.ports;
  if (publication === null) return;
  for (const port of publication.ports) table.restore(port);
  const places = placesOf(context, container);
  const listeners: (() => Promise<void>)[] = [];
  const open = async (port: PublishedPort): Promise<void> => {
    try {
      listeners.push(await publisher.open(port));
    } catch (thrown) {
      const message = `failed to bind host port for ${boundName(port, places)}: ${toAppError(thrown).message}`;
      context.events.append({ kind: 'trouble', container: id, message, over: false });
    }
  };
  await Promise.all(publication.ports.filter(isOutside).map(open));
  // It may have ended meanwhile.
  if (container.publication === publication) container.publication = { ...publication, listeners };
  else await Promise.allSettled(listeners.map((close) => close()));
}

/** The rules first, so that nothing is led to an address that is another's next; then the ports. */
async function giveBack(context: Context, { ports, rules, listeners }: Publication): Promise<void> {
  const { table } = context.ports;
  await Promise.allSettled([context.runtime.firewall.remove(rules)]);
  await forgetFlows(context, ports);
  await Promise.allSettled([...listeners].reverse().map((close) => close()));
  for (const port of [...ports].reverse()) table.release(port);
}

/**
 * libnetwork, clearConntrackEntries: a flow of datagrams goes where it went first, to a container that is gone or to nobody, for as long as it lasts.
 * Docker forgets connections, too; to them both ends say what they are. What cannot be forgotten runs out.
 */
async function forgetFlows({ runtime }: Context, ports: readonly PublishedPort[]): Promise<void> {
  const udp = ports.filter(({ protocol }) => protocol === 'udp');
  for (const [family, bits] of [
    ['ip', 32],
    ['ip6', 128],
  ] as const) {
    const numbers = udp.filter(({ address }) => bitsOf(address) === bits).map(({ outside }) => outside);
    if (numbers.length > 0) await runtime.firewall.forgetUdp(family, numbers).catch(() => undefined);
  }
}

interface Place extends PortsPlace {
  readonly networkId: string;
  readonly endpointId: string;
  /** Where ports are published that name no address. */
  readonly binding: string;
}

/** Of each version of IP; null: the container has no way out by it. */
interface Places {
  readonly v4: Place | null;
  readonly v6: Place | null;
}

function placesOf({ networks }: Needs<'networks'>, container: Container): Places {
  const { v4, v6 } = defaultGateways(container);
  const isOn = hasIpv6(container.hostConfig);
  return {
    v4: v4 === null ? null : placeOn(networks.store, v4, v4.link.address),
    v6: v6 === null || !isOn ? null : placeOn(networks.store, v6, v6.link.address6),
  };
}

function placeOn(store: Context['networks']['store'], { networkId, endpointId }: GatewayEndpoint, address: string): Place | null {
  const network = store.lookup(networkId);
  const interfaceName = network?.bridge?.interfaceName;
  if (network === null || interfaceName === undefined) return null;
  return { networkId: network.id, endpointId, interfaceName, address, binding: bindingOf(network) };
}

function networksOf({ v4, v6 }: Places): Publication['networks'] {
  return { v4: v4?.networkId ?? null, v6: v6?.networkId ?? null };
}

/** What the guest runs on has the ports of IPv4 only. */
function isOutside({ address }: PublishedPort): boolean {
  return isAddress4(address);
}

function bindingOf({ options }: NetworkRecord): string {
  return ownValue(options, 'com.docker.network.bridge.host_binding_ipv4') ?? everywhere4;
}

/** What differs in the address alone is given one port by Docker, which cannot be bound twice. */
function refuseTwice(wanted: readonly WantedPort[]): void {
  wanted.forEach((one, index) => {
    const next = wanted[index + 1];
    if (next === undefined || one.inside !== next.inside || one.protocol !== next.protocol) return;
    if (one.first !== next.first || one.last !== next.last) return;
    const isSame = one.addresses.some((address) => next.addresses.some((other) => meet(address, other)));
    if (isSame) throw new AppError('internal', `failed to listen on ${one.protocol.toUpperCase()} socket: address already in use`);
  });
}

function meet(one: string, other: string): boolean {
  if (one === other) return true;
  return bitsOf(one) === bitsOf(other) && [one, other].some((address) => address === everywhere4 || address === everywhere6);
}

interface Opened {
  readonly published: readonly PublishedPort[];
  readonly listeners: readonly (() => Promise<void>)[];
}

async function openPort(context: Context, { protocol, inside, addresses, first, last }: WantedPort, places: Places): Promise<Opened> {
  const { table, publisher } = context.ports;
  const named = (address: string, outside: number): string => boundName({ protocol, inside, address, outside }, places);
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw new AppError(
      'internal',
      `failed to create socket for userland proxy for ${named(addresses[0] ?? '', first)}: protocol not supported`,
    );
  for (let attempt = 1; ; attempt += 1) {
    const outside = table.claim(protocol, addresses, { first, last });
    const published = addresses.map((address): PublishedPort => ({ protocol, inside, address, outside }));
    const listeners: (() => Promise<void>)[] = [];
    let at = addresses[0] ?? '';
    try {
      for (const port of published) {
        at = port.address;
        checkAddress(context, at);
        if (isOutside(port)) listeners.push(await publisher.open(port));
      }
      return { published, listeners };
    } catch (thrown) {
      await Promise.allSettled(listeners.map((close) => close()));
      for (const port of published) table.release(port);
      const { kind, message } = toAppError(thrown);
      if (kind === 'exhausted' && first !== last && attempt < attempts) continue;
      throw new AppError('internal', `failed to bind host port for ${named(at, outside)}: ${message}`, { cause: thrown });
    }
  }
}

/** "0.0.0.0:8080:172.17.0.2:80/tcp" */
function boundName({ protocol, inside, address, outside }: Omit<PublishedPort, 'protocol'> & { protocol: string }, places: Places): string {
  const { address: own = '' } = (isAddress4(address) ? places.v4 : places.v6) ?? {};
  return `${bracketed(address)}:${outside}:${bracketed(own)}:${inside}/${protocol}`;
}

function bracketed(address: string): string {
  return isAddress4(address) ? address : `[${address}]`;
}

/** The guest's own: all of them, those of its lo, those of its bridges. */
function checkAddress({ networks }: Context, address: string): void {
  if ([everywhere4, everywhere6, '::1'].includes(address) || address.startsWith('127.')) return;
  if (networks.store.all().some(({ bridge, pools }) => bridge !== null && pools.some(({ gateway }) => gateway === address))) return;
  throw new AppError('unavailable', 'cannot assign requested address');
}

/** Who took Docker's chains away is told which command failed for it. */
async function addRules({ runtime }: Context, ports: readonly PublishedPort[], { v4, v6 }: Places): Promise<readonly FirewallRule[]> {
  const ofVersion = (place: Place | null, bits: Bits): FirewallChange[] =>
    place === null
      ? []
      : portRules(
          ports.filter(({ address }) => bitsOf(address) === bits),
          place,
        );
  try {
    return await runtime.firewall.add([...ofVersion(v4, 32), ...ofVersion(v6, 128)]);
  } catch (thrown) {
    const [port] = ports;
    if (toAppError(thrown).kind !== 'not_found' || port === undefined) throw thrown;
    const is4 = isAddress4(port.address);
    const on = [everywhere4, everywhere6].includes(port.address) ? '0/0' : port.address;
    const to = `${bracketed((is4 ? v4 : v6)?.address ?? '')}:${port.inside}`;
    const tool = is4 ? 'iptables' : 'ip6tables';
    const command = `${tool} --wait -t nat -A DOCKER -p ${port.protocol} -d ${on} --dport ${port.outside} -j DNAT --to-destination ${to}`;
    const why = `iptables failed: ${command}: iptables: No chain/target/match by that name.\n (exit status 1)`;
    throw new AppError('internal', `Unable to enable DNAT rule:  (${why})`, { cause: thrown });
  }
}
