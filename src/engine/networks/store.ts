import { AppError } from '../../base/errors.ts';
import { type Clock } from '../clock.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import { randomId, type Random } from '../random.ts';
import type { NetworkDriver, NetworkRecord } from './network.ts';

export class NetworkStore {
  readonly #networks = new Map<string, NetworkRecord>();

  add(network: NetworkRecord): void {
    this.#networks.set(network.id, network);
  }

  delete(id: string): void {
    this.#networks.delete(id);
  }

  has({ id }: NetworkRecord): boolean {
    return this.#networks.has(id);
  }

  all(): NetworkRecord[] {
    return [...this.#networks.values()];
  }

  byName(name: string): NetworkRecord | null {
    return this.all().find((network) => network.name === name) ?? null;
  }

  /** By full ID, name, or the first digits of an ID. @throws AppError not_found "network x not found" */
  find(reference: string): NetworkRecord {
    const exact = this.#networks.get(reference) ?? this.byName(reference);
    if (exact !== null && exact !== undefined) return exact;
    const matches = reference === '' ? [] : this.all().filter(({ id }) => id.startsWith(reference));
    const [first] = matches;
    if (first === undefined) throw networkNotFound(reference);
    if (matches.length > 1) throw new AppError('invalid', `network ${reference} is ambiguous (${matches.length} matches found on name)`);
    return first;
  }

  /** As `find`; null for what is not there or not clear: a container may name a network that is made later. */
  lookup(reference: string): NetworkRecord | null {
    try {
      return this.find(reference);
    } catch {
      return null;
    }
  }

  /** In place of all, e.g. from a checkpoint. */
  replace(networks: readonly NetworkRecord[]): void {
    this.#networks.clear();
    for (const network of networks) this.add(network);
  }
}

function networkNotFound(reference: string): AppError {
  return new AppError('not_found', `network ${reference} not found`);
}

/** The three networks that Docker makes when it first starts. */
export function predefinedNetworks(clock: Clock, random: Random): NetworkRecord[] {
  const network = (name: string, driver: NetworkDriver): NetworkRecord => ({
    id: randomId(random),
    name,
    driver,
    created: rfc3339Nano(clock.now()),
    bridge: null,
    parent: null,
    ipv4: true,
    ipv6: false,
    pools: [],
    ipam: { driver: 'default', options: null, config: null },
    internal: false,
    attachable: false,
    configFrom: '',
    configOnly: false,
    options: {},
    labels: {},
    leases: new Map(),
  });
  return [
    {
      ...network('bridge', 'bridge'),
      bridge: {
        interfaceName: 'docker0',
        mtu: 1500,
        icc: true,
        masquerade: true,
      },
      pools: [{ subnet: '172.17.0.0/16', isChosen: false, range: '172.17.0.0/16', gateway: '172.17.0.1', reserved: [] }],
      ipam: { driver: 'default', options: null, config: [{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }] },
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': 'docker0',
        'com.docker.network.driver.mtu': '1500',
      },
    },
    network('host', 'host'),
    network('none', 'null'),
  ];
}
