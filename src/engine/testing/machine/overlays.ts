import type { AgentRecordInput } from '../../../protocol/agent.ts';
import type { GuestOverlays } from '../../runtime.ts';
import { fillMap, type TestCalls } from './calls.ts';
import { copyOf, type TestFiles } from './files.ts';

export interface SavedOverlays {
  /** Upper directories by mount point. */
  readonly mounted: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly shown: ReadonlySet<string>;
}

/** Overlay mounts: what they show is their upper directory alone, or the top layer. */
export class TestOverlays implements GuestOverlays {
  /** What is shown at mount points, outside of containers. */
  readonly mounted = new Map<string, Map<string, string>>();
  /** Mount points of containers' roots. */
  readonly shown = new Set<string>();
  readonly #calls: TestCalls;
  readonly #files: TestFiles;

  constructor(calls: TestCalls, files: TestFiles) {
    this.#calls = calls;
    this.#files = files;
  }

  async mount({ upper = '', lowers = [], target = '' }: AgentRecordInput<'overlaySpec'>): Promise<void> {
    await this.#calls.call('mount');
    const files = upper === '' ? this.#files.uppers.get(lowers[0] ?? '') : this.#files.upper(upper);
    this.mounted.set(target, files ?? new Map());
  }

  async unmount(target: string): Promise<void> {
    await this.#calls.call('unmount');
    this.mounted.delete(target);
  }

  save(): SavedOverlays {
    return { mounted: copyOf(this.mounted), shown: new Set(this.shown) };
  }

  restore({ mounted, shown }: SavedOverlays): void {
    fillMap(this.mounted, copyOf(mounted));
    for (const path of shown) this.shown.add(path);
  }
}
