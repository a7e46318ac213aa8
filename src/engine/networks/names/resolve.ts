import { addressText } from '../../../grammar/address.ts';
import { endpointNames, type Endpoint, type Named } from '../endpoint.ts';
import { isUserDefined, type NetworkRecord } from '../network.ts';
import type { NetworkStore } from '../store.ts';
import { isWireName } from './packet.ts';

export interface Member extends Named {
  readonly endpoints: ReadonlyMap<string, Endpoint>;
}

/** Who is where at this moment: nothing is kept, so that whoever joins, leaves, stops or is renamed is answered so at once. */
export interface Directory {
  readonly networks: Pick<NetworkStore, 'lookup'>;
  /** A container by ID; null where it is gone. */
  readonly member: (id: string) => Member | null;
}

/** Of a name: either may be none of a version. */
export interface Addresses {
  readonly v4: readonly string[];
  readonly v6: readonly string[];
}

/**
 * The addresses of a name as a container sees it; null where no network of its own has it (libnetwork, Sandbox.ResolveName). In "a.b.c" each of
 * "b.c" and "c" may be the name of a network.
 */
export function resolveName(directory: Directory, asker: Member, name: string): Addresses | null {
  const parts = name.split('.');
  const readings = [
    { host: name, network: '' },
    ...parts.slice(1).map((_, index) => {
      const at = parts.length - 1 - index;
      return { host: parts.slice(0, at).join('.'), network: parts.slice(at).join('.') };
    }),
  ];
  const places = placesOf(directory, asker);
  for (const { host, network } of readings) {
    const found = resolveReading(directory, places, { host, network });
    if (found !== null) return found;
  }
  return null;
}

/** "container.network" of an address on one of the container's networks; null where it is nobody's. @param name "2.0.18.172.in-addr.arpa", "….ip6.arpa" */
export function resolvePointer(directory: Directory, asker: Member, name: string): string | null {
  const address = addressOf(name);
  if (address === null) return null;
  for (const { network } of placesOf(directory, asker)) {
    const owner = ownerOf(network, address);
    const found = owner === undefined ? null : directory.member(owner);
    const full = found === null ? '' : `${found.name}.${network.name}`;
    if (full !== '') return isWireName(full) ? full : null;
  }
  return null;
}

/** The container's ID. */
export function ownerOf({ leases }: NetworkRecord, address: string): string | undefined {
  return [...leases].find(([, { link }]) => link?.address === address || link?.address6 === address)?.[0];
}

/** RFC 1035, 3.5; RFC 3596, 2.5. */
function addressOf(name: string): string | null {
  const digits = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/i.exec(name)?.slice(1);
  if (digits !== undefined) return digits.reverse().join('.');
  const nibbles = /^((?:[\da-f]\.){32})ip6\.arpa$/i.exec(name)?.[1];
  return nibbles === undefined ? null : addressText(BigInt(`0x${[...nibbles.replaceAll('.', '')].reverse().join('')}`), 128);
}

interface Place {
  readonly network: NetworkRecord;
  /** Other names that this container alone has for others there: `--link name:alias`. */
  readonly links: ReadonlyMap<string, string>;
}

function placesOf({ networks }: Directory, { endpoints }: Member): Place[] {
  return [...endpoints.values()].flatMap(({ networkId, asked, lease }) => {
    const network = networks.lookup(networkId);
    if (network === null || lease === null || !isUserDefined(network)) return [];
    return [{ network, links: new Map((asked.links ?? []).map(parseLink)) }];
  });
}

/** opts/link.go: "name:alias", or a name alone. @returns alias and name */
function parseLink(link: string): [string, string] {
  const [name = '', alias = name] = link.split(':');
  return [alias, name];
}

function resolveReading(
  directory: Directory,
  places: readonly Place[],
  { host, network: named }: { readonly host: string; readonly network: string },
): Addresses | null {
  const asked = places.filter(({ network }) => named === '' || network.name === named);
  for (const { network, links } of asked) {
    const target = links.get(host);
    const found = target === undefined ? null : addressesOn(directory, network, target);
    if (found !== null) return found;
  }
  for (const { network, links } of asked) {
    const found = links.has(host) ? null : addressesOn(directory, network, host);
    if (found !== null) return found;
  }
  return null;
}

function addressesOn({ member }: Directory, { name: network, leases }: NetworkRecord, name: string): Addresses | null {
  const wanted = name.toLowerCase();
  const found = [...leases].flatMap(([container, { link }]) => {
    const other = member(container);
    const asked = other?.endpoints.get(network)?.asked;
    if (other === null || asked === undefined || link === null) return [];
    return endpointNames(other, asked).some((each) => each.toLowerCase() === wanted) ? [link] : [];
  });
  if (found.length === 0) return null;
  return {
    v4: found.flatMap(({ address }) => (address === '' ? [] : [address])),
    v6: found.flatMap(({ address6 }) => (address6 === '' ? [] : [address6])),
  };
}
