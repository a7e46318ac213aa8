import { AppError } from '../../base/errors.ts';
import type { Network } from '../../protocol/engine-api.ts';
import { describeNetwork, type NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

type Filters = Readonly<Record<string, readonly string[]>>;

/** daemon/network/filter.go */
const matches: Readonly<Record<string, (network: NetworkRecord, value: string) => boolean>> = {
  driver: ({ driver }, value) => driver === value,
  id: ({ id }, value) => id.startsWith(value),
  label: ({ labels }, value) => {
    const [key = '', wanted] = value.split('=', 2);
    return key in labels && (wanted === undefined || labels[key] === wanted);
  },
  name: ({ name }, value) => name.includes(value),
  scope: (_network, value) => value === 'local',
  type: (network, value) => (value === 'builtin') === isPredefined(network),
  dangling: (network, value) => (value === 'true' || value === '1') === (network.leases.size === 0 && !isPredefined(network)),
};

export function listNetworks(store: NetworkStore, filters: Filters): Network[] {
  const wanted = Object.entries(filters);
  for (const [name] of wanted) if (!(name in matches)) throw new AppError('invalid', `invalid filter '${name}'`);
  return store
    .all()
    .filter((network) =>
      wanted.every(([name, values]) => values.length === 0 || values.some((value) => matches[name]?.(network, value) === true)),
    )
    .map((network) => describeNetwork(network, false));
}

export function inspectNetwork(store: NetworkStore, id: string): Network {
  return describeNetwork(store.find(id), true);
}

function isPredefined({ name }: NetworkRecord): boolean {
  return name === 'bridge' || name === 'host' || name === 'none';
}
