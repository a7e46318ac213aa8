import { Mutex } from '../lock.ts';
import type { FirewallRule } from '../../protocol/firewall.ts';
import type { BridgeSpec, Runtime } from '../runtime.ts';
import { macOf, parseAddress, parseSubnet } from './address.ts';
import { daemonRules, networkRules } from './firewall-rules.ts';
import { poolOf, type BridgeSettings, type NetworkRecord } from './network.ts';

function specOf(network: NetworkRecord, { interfaceName, mtu }: BridgeSettings): BridgeSpec {
  const [v4, v6] = [poolOf(network, 32), poolOf(network, 128)];
  // Without one of its own the kernel gives a bridge the lowest of its ports', and zeros once the last of them is gone.
  const mac = v4 === null ? macOf(BigInt(`0x${network.id.slice(0, 8)}`)) : macOf(parseAddress(v4.gateway));
  return {
    bridge: interfaceName,
    mtu,
    mac,
    ...(v4 === null ? {} : { address: v4.gateway, prefix: parseSubnet(v4.subnet).prefix }),
    ...(v6 === null ? {} : { address6: v6.gateway, prefix6: parseSubnet(v6.subnet).prefix }),
  };
}

export interface BridgeRules {
  /** ID */
  readonly network: string;
  readonly rules: FirewallRule[];
}

/** The bridges of the guest with their rules: made once, taken away with their networks; a failure is tried again next time. One change at a time. */
export class Bridges {
  readonly #made = new Map<string, Promise<void>>();
  readonly #rules = new Map<string, readonly FirewallRule[]>();
  /** The chains that every bridge uses are there. */
  #begun = false;
  readonly #changes = new Mutex();

  constructor(readonly runtime: Pick<Runtime, 'networks' | 'firewall'>) {}

  ensure(network: NetworkRecord): Promise<void> {
    const { id, bridge } = network;
    if (bridge === null) return Promise.resolve();
    const known = this.#made.get(id);
    if (known !== undefined) return known;
    const spec = specOf(network, bridge);
    const making = this.#changes
      .run(async () => {
        await this.runtime.networks.createBridge(spec);
        const own = networkRules(network);
        if (!this.#begun) await this.runtime.firewall.add(daemonRules());
        this.#begun = true;
        this.#rules.set(id, await this.runtime.firewall.add(own));
      })
      .catch((error: unknown) => {
        this.#made.delete(id);
        throw error;
      });
    this.#made.set(id, making);
    return making;
  }

  async remove({ id, bridge }: NetworkRecord): Promise<void> {
    if (bridge === null) return;
    await this.#changes.run(async () => {
      await this.runtime.firewall.remove(this.#rules.get(id) ?? []);
      this.#rules.delete(id);
      await this.runtime.networks.removeBridge(bridge.interfaceName);
    });
    this.#made.delete(id);
  }

  /** Of networks whose bridge is there. */
  made(): BridgeRules[] {
    return [...this.#made.keys()].map((network) => ({ network, rules: [...(this.#rules.get(network) ?? [])] }));
  }

  /** The guest was restored with these bridges. */
  assume(bridges: readonly BridgeRules[]): void {
    this.#made.clear();
    this.#rules.clear();
    this.#begun = bridges.length > 0;
    for (const { network, rules } of bridges) {
      this.#made.set(network, Promise.resolve());
      this.#rules.set(network, rules);
    }
  }
}
