import { AppError, toAppError } from '../../../base/errors.ts';
import { ownValue } from '../../../base/record.ts';
import type { FirewallChange, FirewallRule } from '../../../protocol/firewall.ts';
import { portRules, type PortsPlace } from '../../networks/firewall-rules.ts';
import type { NetworkRecord } from '../../networks/network.ts';
import type { Publication } from '../../ports/publication.ts';
import type { PublishedPort } from '../../ports/published-port.ts';
import { wantedPorts, type WantedPort } from '../../ports/wanted.ts';
import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import { gatewayEndpoint } from './join-networks.ts';

type Context = Needs<'runtime' | 'networks' | 'ports'>;

/** Attempts to find a port that the machine has free, too (libnetwork, maxAllocatePortAttempts). */
const attempts = 10;

/**
 * Gives the container the ports that it asks for, on the network that its default route goes to; without one it publishes none, as in Docker.
 * @throws AppError in Docker's words; nothing is published then
 */
export async function publishPorts(context: Context, container: LockedContainer): Promise<void> {
  const place = placeOf(context, container);
  if (place === null) return;
  const wanted = wantedPorts(container.config, container.hostConfig, place.binding);
  if (wanted.length === 0) return;
  const ports: PublishedPort[] = [];
  const listeners: (() => Promise<void>)[] = [];
  try {
    refuseTwice(wanted);
    for (const port of wanted) {
      const { published, close } = await openPort(context, port, place);
      ports.push(published);
      listeners.push(close);
    }
    const rules = await addRules(context, portRules(ports, place), ports[0], place);
    container.publication = { networkId: place.networkId, ports, rules, listeners };
  } catch (thrown) {
    await giveBack(context, { networkId: place.networkId, ports, rules: [], listeners });
    const { kind, message, detail } = toAppError(thrown);
    const endpoint = `${container.name} (${place.endpointId})`;
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

/** To the network that its default route goes to now. @throws as publishPorts */
export async function movePorts(context: Context, container: LockedContainer): Promise<void> {
  if (container.publication !== null && placeOf(context, container)?.networkId === container.publication.networkId) return;
  await unpublishPorts(context, container);
  await publishPorts(context, container);
}

/** After a restore: the ports are taken, and the rules are in the guest; what it runs on has to be asked again, and may have no room. */
export async function resumePorts({ ports: { table, publisher } }: Needs<'ports'>, container: Container): Promise<void> {
  const { publication } = container;
  if (publication === null) return;
  for (const port of publication.ports) table.restore(port);
  const opened = await Promise.allSettled(publication.ports.map((port) => publisher.open(port)));
  const listeners = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  // It may have ended meanwhile.
  if (container.publication === publication) container.publication = { ...publication, listeners };
  else await Promise.allSettled(listeners.map((close) => close()));
}

/** The rules first, so that nothing is led to an address that is another's next; then the ports. */
async function giveBack({ runtime, ports: { table } }: Context, { ports, rules, listeners }: Publication): Promise<void> {
  await Promise.allSettled([runtime.firewall.remove(rules)]);
  await Promise.allSettled([...listeners].reverse().map((close) => close()));
  for (const port of [...ports].reverse()) table.release(port);
}

interface Place extends PortsPlace {
  readonly networkId: string;
  readonly endpointId: string;
  /** Where ports are published that name no address. */
  readonly binding: string;
}

function placeOf({ networks }: Needs<'networks'>, container: Container): Place | null {
  const found = gatewayEndpoint(networks, container);
  const link = found?.lease.link ?? null;
  const network = found === null ? null : networks.store.lookup(found.networkId);
  const interfaceName = network?.bridge?.interfaceName;
  if (found === null || link === null || network === null || interfaceName === undefined) return null;
  const { endpointId } = found.lease;
  return { networkId: network.id, endpointId, interfaceName, address: link.address, binding: bindingOf(network) };
}

function bindingOf({ options }: NetworkRecord): string {
  return ownValue(options, 'com.docker.network.bridge.host_binding_ipv4') ?? '0.0.0.0';
}

/** What differs in the address alone is given one port by Docker, which cannot be bound twice. */
function refuseTwice(wanted: readonly WantedPort[]): void {
  wanted.forEach((one, index) => {
    const next = wanted[index + 1];
    if (next === undefined || one.inside !== next.inside || one.protocol !== next.protocol) return;
    if (one.first !== next.first || one.last !== next.last) return;
    const isSame = one.address === next.address || [one, next].some(({ address }) => address === '0.0.0.0');
    if (isSame) throw new AppError('internal', `failed to listen on ${one.protocol.toUpperCase()} socket: address already in use`);
  });
}

async function openPort(
  context: Context,
  { protocol, inside, address, first, last }: WantedPort,
  place: Place,
): Promise<{ readonly published: PublishedPort; readonly close: () => Promise<void> }> {
  const { table, publisher } = context.ports;
  const named = (port: number): string => `${address}:${port}:${place.address}:${inside}/${protocol}`;
  if (protocol !== 'tcp' && protocol !== 'udp')
    throw new AppError('internal', `failed to create socket for userland proxy for ${named(first)}: protocol not supported`);
  for (let attempt = 1; ; attempt += 1) {
    const outside = table.claim(protocol, address, { first, last });
    const published: PublishedPort = { protocol, inside, address, outside };
    try {
      checkAddress(context, address);
      return { published, close: await publisher.open(published) };
    } catch (thrown) {
      table.release(published);
      const { kind, message } = toAppError(thrown);
      if (kind === 'exhausted' && first !== last && attempt < attempts) continue;
      throw new AppError('internal', `failed to bind host port for ${named(outside)}: ${message}`, { cause: thrown });
    }
  }
}

/** The guest's own: all of them, those of its lo, those of its bridges. */
function checkAddress({ networks }: Context, address: string): void {
  if (address === '0.0.0.0' || address.startsWith('127.')) return;
  if (networks.store.all().some(({ bridge }) => bridge?.gateway === address)) return;
  throw new AppError('unavailable', 'cannot assign requested address');
}

/** Who took Docker's chains away is told which command failed for it. */
async function addRules(
  { runtime }: Context,
  changes: readonly FirewallChange[],
  port: PublishedPort | undefined,
  { address }: Place,
): Promise<readonly FirewallRule[]> {
  try {
    return await runtime.firewall.add(changes);
  } catch (thrown) {
    if (toAppError(thrown).kind !== 'not_found' || port === undefined) throw thrown;
    const on = port.address === '0.0.0.0' ? '0/0' : port.address;
    const command = `iptables --wait -t nat -A DOCKER -p ${port.protocol} -d ${on} --dport ${port.outside} -j DNAT --to-destination ${address}:${port.inside}`;
    const why = `iptables failed: ${command}: iptables: No chain/target/match by that name.\n (exit status 1)`;
    throw new AppError('internal', `Unable to enable DNAT rule:  (${why})`, { cause: thrown });
  }
}
