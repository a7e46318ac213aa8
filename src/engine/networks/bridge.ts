import type { NetworkRuntime } from '../runtime.ts';
import { macOf, parseAddress, parseSubnet } from './address.ts';
import type { NetworkRecord } from './network.ts';

/** Makes each network's bridge in the guest once, when it is first needed; a failure is tried again next time. */
export class Bridges {
  readonly #made = new Map<string, Promise<void>>();

  constructor(readonly runtime: NetworkRuntime) {}

  ensure({ id, bridge }: NetworkRecord): Promise<void> {
    if (bridge === null) return Promise.resolve();
    const known = this.#made.get(id);
    if (known !== undefined) return known;
    const { interfaceName, subnet, gateway, mtu } = bridge;
    // Without one of its own the kernel gives a bridge the lowest of its ports', and zeros once the last of them is gone.
    const mac = macOf(parseAddress(gateway));
    const spec = { bridge: interfaceName, address: gateway, prefix: parseSubnet(subnet).prefix, masquerade: 1, mtu, mac };
    const making = this.runtime.createBridge(spec).catch((error: unknown) => {
      this.#made.delete(id);
      throw error;
    });
    this.#made.set(id, making);
    return making;
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
