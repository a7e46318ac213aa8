import { AppError } from '../../base/errors.ts';
import type { CreateNetworkBody, IpamConfig } from '../../protocol/engine-api.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import type { Clock } from '../clock.ts';
import { randomId } from '../random.ts';
import { parseSubnet, type Subnet } from './address.ts';
import { bridgeOptions } from './bridge-options.ts';
import { checkIpam, isSubnet6 } from './check-ipam.ts';
import { logNetworkEvent, type NetworksContext } from './lease.ts';
import {
  isClosed,
  isPredefined,
  type AddressPool,
  type BridgeSettings,
  type NetworkDriver,
  type NetworkRecord,
  type ParentSettings,
} from './network.ts';
import { parentOptions, refuseSameParent } from './parent-options.ts';
import { allocatePool, localBlock } from './pools.ts';
import type { NetworkStore } from './store.ts';

/**
 * POST /networks/create: daemon/network.go and libnetwork's NewNetwork, whose order of refusals it keeps. The bridge is in the guest when it
 * resolves; nothing is left of a failure. Logs `create`.
 * @throws AppError in Docker's words and classes; not_implemented for drivers and options that this engine has not
 */
export async function createNetwork(context: NetworksContext & { readonly clock: Clock }, body: CreateNetworkBody): Promise<string> {
  const { store } = context;
  checkBody(body, store);
  const source = configurationOf(body, store);
  const id = randomId(context.random);
  const network = newNetwork(store, { ...body, ...source }, { id, created: rfc3339Nano(context.clock.now()) });
  store.add(network);
  try {
    await context.bridges.ensure(network);
    await context.parents.open(network);
  } catch (thrown) {
    store.delete(network.id);
    throw thrown;
  }
  logNetworkEvent(context, network, 'create');
  return id;
}

function checkBody(body: CreateNetworkBody, store: NetworkStore): void {
  const { Name: name, Driver: driver, Scope: scope, Ingress: ingress } = body;
  if (isPredefined({ name }) || name === 'default') throw forbidden(`operation is not permitted on predefined ${name} network `);
  if (driver === 'overlay')
    throw forbidden(
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    );
  checkIpam(body.IPAM?.Config ?? [], body.EnableIPv6 === true);
  if (name.trim() === '') throw new AppError('invalid', 'invalid name: name is empty');
  if (store.byName(name) !== null) throw new AppError('conflict', `network with name ${name} already exists`);
  checkConfiguration(body);
  if (body.ConfigOnly) return;
  checkDriver(driver);
  if (ingress) throw forbidden('Ingress network can only be global scope network');
  if (scope === 'swarm') throw forbidden('cannot create a swarm scoped network when swarm is not active');
}

/** libnetwork, validateConfiguration. */
function checkConfiguration(body: CreateNetworkBody): void {
  const { ConfigOnly: only, ConfigFrom: from } = body;
  const source = from?.Network ?? '';
  if (only && (body.Ingress || body.Internal || body.Attachable || body.Scope === 'swarm'))
    throw forbidden(
      'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
    );
  if (source === '') return;
  if (only) throw forbidden('a configuration network cannot depend on another configuration network');
  const says = (map: object | null | undefined): boolean => Object.keys(map ?? {}).length > 0;
  const isVersioned = body.EnableIPv4 === false || body.EnableIPv6 === true;
  if (isVersioned || says(body.IPAM?.Options) || (body.IPAM?.Config ?? []).length > 0 || says(body.Labels))
    throw forbidden('user specified configurations are not supported if the network depends on a configuration network');
  if (says(body.Options)) throw forbidden('network driver options are not supported if the network depends on a configuration network');
}

function checkDriver(driver: string): void {
  switch (driver) {
    case '':
    case 'bridge':
    case 'macvlan':
    case 'ipvlan':
      return;
    case 'host':
    case 'null':
      throw forbidden(`only one instance of "${driver}" network is allowed`);
    default:
      throw new AppError('not_found', `plugin "${driver}" not found`);
  }
}

/** What a network takes over from the one that it is made from. */
function configurationOf({ ConfigFrom: from }: CreateNetworkBody, store: NetworkStore): Partial<CreateNetworkBody> {
  const name = from?.Network ?? '';
  if (name === '') return {};
  const source = store.byName(name);
  if (source === null || !source.configOnly) throw new AppError('not_found', `configuration network "${name}" does not exist`);
  const { driver, options, config } = source.ipam;
  return {
    IPAM: { Driver: driver, Options: options, Config: config === null ? null : [...config] },
    EnableIPv4: source.ipv4,
    EnableIPv6: source.ipv6,
    Options: source.options,
    Labels: source.labels,
  };
}

function newNetwork(
  store: NetworkStore,
  body: CreateNetworkBody,
  { id, created }: { readonly id: string; readonly created: string },
): NetworkRecord {
  const options = body.Options ?? {};
  const ipam = { driver: body.IPAM?.Driver || 'default', options: body.IPAM?.Options ?? null };
  const common = {
    id,
    name: body.Name,
    created,
    internal: body.Internal,
    attachable: body.Attachable,
    configFrom: body.ConfigFrom?.Network ?? '',
    configOnly: body.ConfigOnly,
    options,
    labels: body.Labels ?? {},
    leases: new Map(),
    ipv4: body.EnableIPv4 !== false,
    ipv6: body.EnableIPv6 === true,
    pools: [],
  };
  const asked = body.IPAM?.Config ?? null;
  const nothing = { bridge: null, parent: null };
  if (body.ConfigOnly) return { ...common, ...nothing, driver: 'null', ipam: { ...ipam, config: asked } };
  checkIpamDriver(ipam.driver, asked ?? []);
  const place = placeOf(body.Driver, options, id);
  if (place.bridge !== null && !common.ipv4 && !common.ipv6) throw new AppError('invalid', 'IPv4 or IPv6 must be enabled');
  const { pools, config } = allocatePools(store, { ...common, ...place }, asked);
  if (place.bridge !== null) refuseSameBridge(store, id, place.bridge.interfaceName);
  if (place.parent !== null) refuseSameParent(store.all(), place.parent);
  return { ...common, ...place, pools, ipam: { ...ipam, config } };
}

interface Place {
  readonly driver: NetworkDriver;
  readonly bridge: BridgeSettings | null;
  readonly parent: ParentSettings | null;
}

function placeOf(driver: string, options: Readonly<Record<string, string>>, id: string): Place {
  if (driver === 'macvlan' || driver === 'ipvlan') return { driver, bridge: null, parent: parentOptions(driver, options, id) };
  return { driver: 'bridge', bridge: bridgeSettings(options, id), parent: null };
}

function bridgeSettings(options: Readonly<Record<string, string>>, id: string): BridgeSettings {
  const { name, mtu, icc, masquerade } = bridgeOptions(options);
  return { interfaceName: name === '' ? `br-${id.slice(0, 12)}` : name, mtu, icc, masquerade };
}

/**
 * Pools of each version that the network has, and what inspect shows: IPv4 first, what was asked for or what the default pools gave. Several of a version
 * where it stands upon another interface.
 */
function allocatePools(
  store: NetworkStore,
  network: Pick<NetworkRecord, 'ipv4' | 'ipv6' | 'internal' | 'parent'>,
  asked: readonly IpamConfig[] | null,
): { readonly pools: readonly AddressPool[]; readonly config: readonly IpamConfig[] | null } {
  const { ipv4, ipv6, parent } = network;
  const pools: AddressPool[] = [];
  const shown: IpamConfig[] = [];
  const local = localBlock(store.byName('bridge')?.id ?? '');
  const withoutGateway = parent !== null && (isClosed(network) || parent.routes === 'device');
  for (const bits of [32, 128] as const) {
    const configs = (asked ?? []).filter((config) => isSubnet6(config) === (bits === 128));
    // Also of a version that it has not.
    shown.push(...configs);
    if (!(bits === 32 ? ipv4 : ipv6)) continue;
    if (configs.length > 1 && parent === null) throw forbidden("bridge driver doesn't support multiple subnets");
    for (const config of configs.length === 0 ? [{}] : configs) {
      const used = [...subnetsOf(store.all()), ...subnetsOf([{ pools }])];
      const pool = allocatePool({ bits, config, used, local, withoutGateway });
      pools.push(pool);
      if (configs.length === 0) shown.push({ Subnet: pool.subnet, ...(pool.gateway === '' ? {} : { Gateway: pool.gateway }) });
    }
  }
  return { pools, config: shown.length === 0 ? null : shown };
}

function subnetsOf(networks: readonly Pick<NetworkRecord, 'pools'>[]): Subnet[] {
  return networks.flatMap(({ pools }) => pools.map(({ subnet }) => parseSubnet(subnet)));
}

function checkIpamDriver(driver: string, configs: readonly IpamConfig[]): void {
  if (driver === 'default') return;
  if (driver !== 'null') throw new AppError('not_found', `plugin "${driver}" not found`);
  if (configs.length > 0) throw new AppError('invalid', 'null ipam driver does not handle specific address pool requests');
  throw new AppError('invalid', 'ipv4 pool is empty');
}

function refuseSameBridge(store: NetworkStore, id: string, interfaceName: string): void {
  const other = store.all().find(({ bridge }) => bridge?.interfaceName === interfaceName);
  if (other === undefined) return;
  throw forbidden(
    `cannot create network ${id} (${interfaceName}): conflicts with network ${other.id} (${interfaceName}): networks have same bridge name`,
  );
}

function forbidden(message: string): AppError {
  return new AppError('forbidden', message);
}
