import type { ContainerConfig, HostConfig } from '../../protocol/engine-api.ts';
import { isAddress4 } from '../../grammar/address.ts';
import { plainAddress } from '../networks/address.ts';

/** A port that a container asks for. */
export interface WantedPort {
  /** "tcp", "udp", "sctp" */
  readonly protocol: string;
  readonly inside: number;
  /** One of each version at most: all of them get the same port. */
  readonly addresses: readonly string[];
  /** Any from here to `last`. */
  readonly first: number;
  readonly last: number;
}

/** Where ports come from that nobody chose: net.ipv4.ip_local_port_range. */
const anyPort = { first: 32768, last: 60999 };

/**
 * What -p and -P ask for, in the order in which Docker gives it out (libnetwork, portBindingReq.Compare): what is asked for by number first, then by the
 * port in the container. An address of a version that the container has no way out by is left out.
 * @param defaults where the networks that it goes out by put ports without an address; null of a version that it has none of
 */
export function wantedPorts(
  { ExposedPorts: exposed }: Pick<ContainerConfig, 'ExposedPorts'>,
  { PortBindings: bindings, PublishAllPorts: all }: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>,
  defaults: DefaultBindings,
): WantedPort[] {
  const asked = Object.entries(bindings ?? {}).filter(([, places]) => (places ?? []).length > 0);
  const names = new Set(asked.map(([name]) => name));
  const rest = all ? Object.keys(exposed ?? {}).filter((name) => !names.has(name)) : [];
  const places = [
    ...asked.flatMap(([name, each]) => (each ?? []).map((place) => ({ name, ...place }))),
    ...rest.map((name) => ({ name, HostIp: '', HostPort: '' })),
  ];
  return places
    .flatMap(({ name, HostIp: address, HostPort: port }): WantedPort[] => {
      const addresses = addressesOf(address, defaults);
      const [inside = '', protocol = 'tcp'] = name.split('/');
      return addresses.length === 0 ? [] : [{ protocol, inside: Number(inside), addresses, ...rangeOf(port) }];
    })
    .sort(compareWanted);
}

export interface DefaultBindings {
  readonly v4: string | null;
  readonly v6: string | null;
}

function addressesOf(address: string, { v4, v6 }: DefaultBindings): string[] {
  if (address === '') return [v4, v6].flatMap((each) => (each === null || each === '' ? [] : [each]));
  if (isAddress4(address)) return v4 === null ? [] : [address];
  return v6 === null ? [] : [plainAddress(address)];
}

function rangeOf(text: string): { readonly first: number; readonly last: number } {
  const [first = '', last = first] = text.split('-');
  return Number(first) === 0 ? anyPort : { first: Number(first), last: Number(last) };
}

function compareWanted(one: WantedPort, other: WantedPort): number {
  const isOpen = ({ first, last }: WantedPort): number => (first === last ? 0 : 1);
  const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
  return (
    isOpen(one) - isOpen(other) ||
    one.inside - other.inside ||
    byText(one.protocol, other.protocol) ||
    one.first - other.first ||
    one.last - other.last ||
    byText(one.addresses.join(), other.addresses.join())
  );
}
