import { overlayDirectories, type Needs } from '../../containers/context.ts';

/** What the guest has of a step: an overlay of its ID and, where a process runs over it, a cgroup. */
export interface Step {
  readonly id: string;
  /** '' = none. */
  readonly cgroup: string;
  /** Homes of the overlays that it has beside its own: of what it mounts. */
  readonly folders: readonly string[];
}

/** Steps of builds under way that have something in the guest. No list of containers shows them, no verb finds them. */
export class Steps {
  readonly #steps = new Set<Step>();

  add(step: Step): void {
    this.#steps.add(step);
  }

  /** false: it is over, or the engine was restored under it; what the guest has of its ID is not its own then. */
  has(step: Step): boolean {
    return this.#steps.has(step);
  }

  /** Of a snapshot, too: a restored guest has these, and nobody who waits for them. */
  all(): readonly Step[] {
    return [...this.#steps];
  }

  /** Takes away what the guest has of it. One that is over is left alone. */
  async end({ runtime, changes, host }: Needs<'runtime' | 'changes' | 'host'>, step: Step): Promise<void> {
    await changes.run(async () => {
      if (!this.has(step)) return;
      await runtime.processes.remove({ container: step.id, removeFiles: 1, ...overlayDirectories(host, step.id), cgroup: step.cgroup });
      for (const folder of step.folders) await runtime.overlayMounts.unmount(`${folder}/merged`);
      if (step.folders.length > 0) await runtime.files.write({ remove: step.folders });
      this.#steps.delete(step);
    });
  }

  /** What a restored guest has of builds that were under way when it was saved is taken away; they are over, and their clients hear so. */
  restore(context: Needs<'runtime' | 'changes' | 'host'>, saved: readonly Step[]): void {
    this.#steps.clear();
    for (const step of saved) {
      this.add(step);
      // A machine that is gone has nothing of it.
      this.end(context, step).catch(() => undefined);
    }
  }
}
