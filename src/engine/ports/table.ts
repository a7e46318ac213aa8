import { AppError } from '../../base/errors.ts';
import type { PortProtocol, PublishedPort } from './published-port.ts';

interface Range {
  readonly first: number;
  readonly last: number;
}

const everywhere = '0.0.0.0';

/** Which ports of the guest are whose (libnetwork, portallocator). */
export class PortTable {
  /** By "protocol/port". */
  readonly #taken = new Map<string, Set<string>>();
  /** Given out last, by protocol, address and range. */
  readonly #last = new Map<string, number>();

  /**
   * The one there is, or the next of the range after the one that was given out last.
   * @throws AppError internal, as Docker gives it no class: 'Bind for 0.0.0.0:8080 failed: port is already allocated'
   */
  claim(protocol: PortProtocol, address: string, { first, last }: Range): number {
    if (first === last) {
      const holder = this.#holder(protocol, address, first);
      if (holder !== null) throw new AppError('internal', `Bind for ${holder}:${first} failed: port is already allocated`);
      this.restore({ protocol, address, outside: first });
      return first;
    }
    const range = `${protocol} ${address} ${first}-${last}`;
    const count = last - first + 1;
    const start = (this.#last.get(range) ?? first - 1) + 1 - first;
    for (let step = 0; step < count; step += 1) {
      const port = first + ((start + step) % count);
      if (this.#holder(protocol, address, port) !== null) continue;
      this.#last.set(range, port);
      this.restore({ protocol, address, outside: port });
      return port;
    }
    throw new AppError('internal', 'all ports are allocated');
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
    const holders = this.#taken.get(`${protocol}/${port}`);
    if (holders === undefined) return null;
    if (holders.has(address)) return address;
    if (holders.has(everywhere)) return everywhere;
    const [other] = holders;
    return address === everywhere && other !== undefined ? other : null;
  }
}
