import { AppError } from '../../base/errors.ts';
import type { Network } from '../../protocol/engine-api.ts';
import { hasLabel, type Filters } from '../filters.ts';
import { describeNetwork, type NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

/** daemon/network/filter.go */
const matches: Readonly<Record<string, (network: NetworkRecord, value: string) => boolean>> = {
  driver: ({ driver }, value) => driver === value,
  id: ({ id }, value) => id.startsWith(value),
  name: ({ name }, value) => name.includes(value),
  scope: (_network, value) => value === 'local',
  type: (network, value) => (value === 'builtin') === isPredefined(network),
  dangling: (network, value) => (value === 'true' || value === '1') === (network.leases.size === 0 && !isPredefined(network)),
};

export function listNetworks(store: NetworkStore, filters: Filters): Network[] {
  const { label = [], ...others } = filters;
  const wanted = Object.entries(others);
  for (const [name] of wanted) if (!Object.hasOwn(matches, name)) throw new AppError('invalid', `invalid filter '${name}'`);
  return store
    .all()
    .filter(({ labels }) => label.every((value) => hasLabel(labels, value)))
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
