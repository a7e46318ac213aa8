import { inspectCheck, type InspectedLeaf, type Look } from '../../tutorial/index.ts';

export interface InspectedRow extends InspectedLeaf {
  /** When its state or what is said of it last changed while it was looked at; null when it has not since the first look. */
  readonly changedAt: Date | null;
}

/** The leaves of one step's check, brought up to date with each look: one inspection at a time, always of the newest. */
export class Inspection {
  rows: readonly InspectedRow[] = $state.raw([]);
  #step: string | null = null;
  #look: Look | null = null;
  #busy = false;

  /** @param step whose check is wanted; any of the tutorial */
  show(look: Look | null, step: string | null): void {
    if (look === null || step === null || step !== this.#step) this.rows = [];
    this.#look = look;
    this.#step = step;
    void this.#inspect();
  }

  async #inspect(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let done: Look | null = null, of: string | null = null; this.#look !== null && (this.#look !== done || this.#step !== of);) {
        [done, of] = [this.#look, this.#step];
        const leaves = await inspectCheck(done, of ?? done.step);
        if (this.#step === of) this.rows = leaves.map((leaf) => this.#rowOf(leaf));
      }
    } finally {
      this.#busy = false;
    }
  }

  #rowOf(leaf: InspectedLeaf): InspectedRow {
    const before = this.rows.find(({ path }) => path === leaf.path);
    const same = before === undefined || (before.ok === leaf.ok && before.actual === leaf.actual && before.failure === leaf.failure);
    return { ...leaf, changedAt: same ? (before?.changedAt ?? null) : new Date() };
  }
}
