import { Mutex } from '../lock.ts';
import type { FirewallRule } from '../../protocol/firewall.ts';
import type { Runtime } from '../runtime.ts';
import { macOf, parseAddress, parseSubnet } from './address.ts';
import { daemonRules, networkRules } from './firewall-rules.ts';
import type { NetworkRecord } from './network.ts';

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
    const { interfaceName, subnet, gateway, mtu } = bridge;
    // Without one of its own the kernel gives a bridge the lowest of its ports', and zeros once the last of them is gone.
    const mac = macOf(parseAddress(gateway));
    const spec = { bridge: interfaceName, address: gateway, prefix: parseSubnet(subnet).prefix, mtu, mac };
    const making = this.#changes
      .run(async () => {
        await this.runtime.networks.createBridge(spec);
        const own = networkRules(network);
        const rules = await this.runtime.firewall.add([...(this.#begun ? [] : daemonRules()), ...own]);
        this.#begun = true;
        this.#rules.set(id, rules.slice(rules.length - own.length));
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
