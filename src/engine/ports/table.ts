import { AppError } from '../../base/errors.ts';
import type { PortProtocol, PublishedPort } from './published-port.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

export const everywhere4 = '0.0.0.0';
export const everywhere6 = '::';

/** Which ports of the guest are whose (libnetwork, portallocator). */
export class PortTable {
  /** By "protocol/port". */
  readonly #taken = new Map<string, Set<string>>();
  /** Given out last, by protocol, address and range. */
  readonly #last = new Map<string, number>();

  /**
   * The one there is, or the next of the range after the one that was given out last, on all of the addresses.
   * @throws AppError internal, as Docker gives it no class: 'Bind for 0.0.0.0:8080 failed: port is already allocated'
   */
  claim(protocol: PortProtocol, addresses: readonly string[], { first, last }: Range): number {
    if (first === last) {
      const holder = this.#holderOfAny(protocol, addresses, first);
      if (holder !== null) throw new AppError('internal', `Bind for ${holder}:${first} failed: port is already allocated`);
      this.#take(protocol, addresses, first);
      return first;
    }
    const range = `${protocol} ${addresses.join()} ${first}-${last}`;
    const count = last - first + 1;
    const start = (this.#last.get(range) ?? first - 1) + 1 - first;
    for (let step = 0; step < count; step += 1) {
      const port = first + ((start + step) % count);
      if (this.#holderOfAny(protocol, addresses, port) !== null) continue;
      this.#last.set(range, port);
      this.#take(protocol, addresses, port);
      return port;
    }
    throw new AppError('internal', 'all ports are allocated');
  }

  #take(protocol: PortProtocol, addresses: readonly string[], outside: number): void {
    for (const address of addresses) this.restore({ protocol, address, outside });
  }

  #holderOfAny(protocol: PortProtocol, addresses: readonly string[], port: number): string | null {
    for (const address of addresses) {
      const holder = this.#holder(protocol, address, port);
      if (holder !== null) return holder;
    }
    return null;
  }

  release({ protocol, address, outside }: Pick<PublishedPort, 'protocol' | 'address' | 'outside'>): void {
    const key = `${protocol}/${outside}`;
    const holders = this.#taken.get(key);
    holders?.delete(address);
    if (holders?.size === 0) this.#taken.delete(key);
  }

  /** It is taken already, by a guest that was restored. */
  restore({ protocol, address, outside }: Pick<PublishedPort, 'protocol' | 'address' | 'outside'>): void {
    const key = `${protocol}/${outside}`;
    const holders = this.#taken.get(key) ?? new Set();
    this.#taken.set(key, holders.add(address));
  }

  clear(): void {
    this.#taken.clear();
    this.#last.clear();
  }

  /** The address on which it is taken, if that is the same one or one of them is all. */
  #holder(protocol: PortProtocol, address: string, port: number): string | null {
    const everywhere = address.includes(':') ? everywhere6 : everywhere4;
    const holders = this.#taken.get(`${protocol}/${port}`);
    if (holders === undefined) return null;
    if (holders.has(address)) return address;
    if (holders.has(everywhere)) return everywhere;
    const other = [...holders].find((each) => each.includes(':') === address.includes(':'));
    return address === everywhere && other !== undefined ? other : null;
  }
}
