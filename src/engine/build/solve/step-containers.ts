import { cgroupOf, overlayDirectories, type HostSettings, type Needs } from '../../containers/context.ts';
import type { Container } from '../../containers/container.ts';

/** Containers of steps of builds under way: they have no name, no list shows them, no verb finds them. */
export class StepContainers {
  readonly #containers = new Map<string, Container>();

  add(container: Container): void {
    this.#containers.set(container.id, container);
  }

  delete(container: Container): void {
    if (this.#containers.get(container.id) === container) this.#containers.delete(container.id);
  }

  has(container: Container): boolean {
    return this.#containers.get(container.id) === container;
  }

  all(): readonly Container[] {
    return [...this.#containers.values()];
  }

  /** IDs and cgroups: a restored guest has these, and nobody who waits for them. */
  snapshot(): StepsSnapshot {
    return this.all().map((container) => ({ id: container.id, cgroup: cgroupOf(container) }));
  }

  /** What a restored guest has of builds that were under way when it was saved is taken away: the build itself is over, its client heard so. */
  discard({ runtime, changes, host }: Needs<'runtime' | 'changes' | 'host'>, saved: StepsSnapshot): void {
    this.#containers.clear();
    for (const { id, cgroup } of saved) {
      const remove = (): Promise<void> => runtime.processes.remove({ ...filesOf(host, id), cgroup });
      // A machine that is gone has nothing of it.
      changes.run(remove).catch(() => undefined);
    }
  }
}

export type StepsSnapshot = readonly { readonly id: string; readonly cgroup: string }[];

/** For the agent's removal of a container with all its files. */
export function filesOf(host: HostSettings, id: string) {
  return { container: id, removeFiles: 1, ...overlayDirectories(host, id) };
}
