import { Mutex } from '../lock.ts';
import type { Runtime } from '../runtime.ts';
import type { NetworkRecord, ParentDriver, ParentSettings } from './network.ts';
import { vlanOf } from './parent-options.ts';

/** An interface of the guest that was made for networks of a driver. */
export interface MadeParent {
  readonly driver: ParentDriver;
  readonly interfaceName: string;
}

/** linux/if_link.h, IFNAMSIZ without the end; what dev_valid_name() of the kernel refuses besides is in no name, either. */
const interfaceName = /^[!-.0-9;-~]{1,15}$/;

/** networkSpec.kind */
const kinds = { dummy: 1, vlan: 2 } as const;

/**
 * The interfaces that networks of macvlan and ipvlan stand upon. One that is there is the user's and is let be; a dummy for who named none, and a VLAN
 * ("eth0.10"), are made, and go with the last network of their driver that is upon them. One change at a time.
 */
export class Parents {
  #made: readonly MadeParent[] = [];
  readonly #changes = new Mutex();

  constructor(readonly runtime: Pick<Runtime, 'networks' | 'facts'>) {}

  /** @throws AppError internal, in Docker's words */
  async open({ parent }: Pick<NetworkRecord, 'parent'>): Promise<void> {
    if (parent !== null) await this.#changes.run(() => this.#open(parent));
  }

  async #open({ driver, interfaceName: bridge, isDummy }: ParentSettings): Promise<void> {
    if (await this.#exists(bridge)) return;
    const kind = isDummy ? { kind: kinds.dummy } : { kind: kinds.vlan, ...(await vlanOf(bridge, (name) => this.#exists(name))) };
    await this.runtime.networks.createBridge({ bridge, ...kind });
    this.#made = [...this.#made, { driver, interfaceName: bridge }];
  }

  /** @param others the networks that stay */
  async close({ parent }: Pick<NetworkRecord, 'parent'>, others: () => readonly Pick<NetworkRecord, 'parent'>[]): Promise<void> {
    if (parent === null) return;
    await this.#changes.run(async () => {
      if (!this.#made.some((made) => isSame(made, parent))) return;
      if (others().some((other) => other.parent !== null && isSame(other.parent, parent))) return;
      await this.runtime.networks.removeBridge(parent.interfaceName);
      this.#made = this.#made.filter((made) => !isSame(made, parent));
    });
  }

  made(): MadeParent[] {
    return [...this.#made];
  }

  /** The guest was restored with these. */
  assume(made: readonly MadeParent[]): void {
    this.#made = made;
  }

  async #exists(name: string): Promise<boolean> {
    if (!interfaceName.test(name) || name === '.' || name === '..') return false;
    const [found] = await this.runtime.facts.inspect([{ op: 'lstat', path: `/sys/class/net/${name}` }]);
    return found?.errno === 0;
  }
}

function isSame(one: MadeParent, other: MadeParent): boolean {
  return one.driver === other.driver && one.interfaceName === other.interfaceName;
}
