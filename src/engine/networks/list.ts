import { AppError } from '../../base/errors.ts';
import type { Network } from '../../protocol/engine-api.ts';
import { hasLabel, patternFilter, type Filters } from '../filters.ts';
import { describeNetwork, isPredefined, type NetworkRecord } from './network.ts';
import type { NetworkStore } from './store.ts';

/** daemon/network/filter.go */
const matches: Readonly<Record<string, (network: NetworkRecord, value: string) => boolean>> = {
  driver: ({ driver }, value) => driver === value,
  scope: (_network, value) => value === 'local',
  type: (network, value) => (value === 'builtin') === isPredefined(network),
  dangling: (network, value) => (value === 'true' || value === '1') === (network.leases.size === 0 && !isPredefined(network)),
};

export async function listNetworks(store: NetworkStore, filters: Filters): Promise<Network[]> {
  const { label = [], name: names = [], id: ids = [], ...others } = filters;
  const wanted = Object.entries(others);
  checkValues(filters);
  for (const [name] of wanted) if (!Object.hasOwn(matches, name)) throw new AppError('invalid', `invalid filter '${name}'`);
  const candidates = store
    .all()
    .filter(({ labels }) => label.every((value) => hasLabel(labels, value)))
    .filter((network) =>
      wanted.every(([name, values]) => values.length === 0 || values.some((value) => matches[name]?.(network, value) === true)),
    );
  const [isNamed, isIdentified] = [await patterns('name', names), await patterns('id', ids)];
  const found: Network[] = [];
  for (const network of candidates)
    if ((await isNamed(network.name)) && (await isIdentified(network.id))) found.push(describeNetwork(network, null));
  return found;
}

/** daemon/network/filter.go; of a type it gives the refusal no class. @throws AppError invalid, internal */
function checkValues({ dangling = [], type = [] }: Filters): void {
  if (dangling.length > 1) throw new AppError('invalid', 'got more than one value for filter key "dangling"');
  if (dangling.some((value) => !['true', '1', 'false', '0'].includes(value)))
    throw new AppError('invalid', `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`);
  const unknown = type.find((value) => value !== 'builtin' && value !== 'custom');
  if (unknown !== undefined) throw new AppError('internal', `invalid filter: 'type'='${unknown}'`);
}

async function patterns(name: string, values: readonly string[]): Promise<(text: string) => Promise<boolean>> {
  if (values.length === 0) return () => Promise.resolve(true);
  const matches = await patternFilter(name, values);
  return (text) => matches([text]);
}

/** @param nameOf the name of a container by its ID. @throws AppError not_found */
export function inspectNetwork(store: NetworkStore, id: string, nameOf: (container: string) => string): Network {
  return describeNetwork(store.find(id), nameOf);
}
