import { Mutex } from '../lock.ts';
import type { NetworkRuntime } from '../runtime.ts';
import { macOf, parseAddress, parseSubnet } from './address.ts';
import type { NetworkRecord } from './network.ts';

/** The bridges of the guest: made once, taken away with their networks; a failure is tried again next time. One change at a time. */
export class Bridges {
  readonly #made = new Map<string, Promise<void>>();
  readonly #changes = new Mutex();

  constructor(readonly runtime: NetworkRuntime) {}

  ensure(network: NetworkRecord): Promise<void> {
    const { id, bridge, internal } = network;
    if (bridge === null) return Promise.resolve();
    const known = this.#made.get(id);
    if (known !== undefined) return known;
    const { interfaceName, subnet, gateway, mtu } = bridge;
    // Without one of its own the kernel gives a bridge the lowest of its ports', and zeros once the last of them is gone.
    const mac = macOf(parseAddress(gateway));
    const masquerade = bridge.masquerade && !internal ? 1 : 0;
    const isolate = bridge.icc ? isolation.others : isolation.all;
    const spec = { bridge: interfaceName, address: gateway, prefix: parseSubnet(subnet).prefix, masquerade, mtu, mac, isolate };
    const making = this.#changes
      .run(() => this.runtime.createBridge(spec))
      .catch((error: unknown) => {
        this.#made.delete(id);
        throw error;
      });
    this.#made.set(id, making);
    return making;
  }

  async remove({ id, bridge }: NetworkRecord): Promise<void> {
    if (bridge === null) return;
    await this.#changes.run(() => this.runtime.removeBridge(bridge.interfaceName));
    this.#made.delete(id);
  }

  /** IDs of networks whose bridge is there. */
  made(): string[] {
    return [...this.#made.keys()];
  }

  /** The guest was restored with these bridges. */
  assume(ids: readonly string[]): void {
    this.#made.clear();
    for (const id of ids) this.#made.set(id, Promise.resolve());
  }
}

/** networkSpec.isolate: nothing is forwarded to other bridges; nor between the containers of this one. */
const isolation = { others: 1, all: 2 } as const;
