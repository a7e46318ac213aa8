import type { Runtime } from '../../runtime.ts';

const folder = '/run/drydock/views';

export interface ViewsSnapshot {
  readonly made: number;
  readonly open: readonly string[];
}

/** Where files of containers are shown outside of them while somebody reads or writes them: what a restore has to take away, for nobody does any more. */
export class Views {
  #made = 0;
  readonly #open = new Set<string>();

  /** A mount point that no other view has or had. */
  nextTarget(): string {
    this.#made += 1;
    return `${folder}/${this.#made}`;
  }

  /** It counts from before the mount to after its end. */
  async open(target: string, mount: () => Promise<void>): Promise<void> {
    this.#open.add(target);
    try {
      await mount();
    } catch (thrown) {
      this.#open.delete(target);
      throw thrown;
    }
  }

  closed(target: string): void {
    this.#open.delete(target);
  }

  snapshot(): ViewsSnapshot {
    return { made: this.#made, open: [...this.#open] };
  }

  /** @returns mount points that are left of who looked before */
  restore({ made, open }: ViewsSnapshot): readonly string[] {
    this.#made = made;
    this.#open.clear();
    return open;
  }
}

/** Takes a view away; its folder, too, where it was made for it alone. Fine with finding nothing. */
export async function discardView(
  { runtime }: { readonly runtime: Pick<Runtime, 'overlayMounts' | 'files'> },
  target: string,
): Promise<void> {
  // Not mounted yet, or not any more.
  await runtime.overlayMounts.unmount(target).catch(() => undefined);
  if (target.startsWith(`${folder}/`)) await runtime.files.write({ remove: [target] }).catch(() => undefined);
}
