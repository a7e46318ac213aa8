/** Of the open tabs what a tutorial needs to find its own. */
interface Tabs<T> {
  readonly tabs: readonly T[];
  /** A new one in front. */
  add(): T;
  /** In front; undefined when it was closed. */
  show(id: number): T | undefined;
}

/** Which tabs are a tutorial's terminals 1, 2 …: the tab with that number, unless the learner gave it another; never one for two. */
export class TutorialTabs<T extends { readonly id: number }> {
  readonly #open: Tabs<T>;
  readonly #given = new Map<number, number>();

  constructor(open: Tabs<T>) {
    this.#open = open;
  }

  /** In front, opened if there are too few. */
  of(index: number): T {
    const given = this.#given.get(index);
    const shown = given === undefined ? undefined : this.#open.show(given);
    if (shown !== undefined) return shown;
    while (this.#open.tabs.length < index) this.#open.add();
    const numbered = this.#open.tabs[index - 1];
    const isTaken = [...this.#given].some(([other, id]) => other !== index && id === numbered?.id);
    return (numbered === undefined || isTaken ? undefined : this.#give(index, numbered)) ?? this.renew(index);
  }

  /** A new tab takes its place. */
  renew(index: number): T {
    return this.#give(index, this.#open.add());
  }

  clear(): void {
    this.#given.clear();
  }

  #give(index: number, { id }: T): T {
    this.#given.set(index, id);
    const tab = this.#open.show(id);
    if (tab === undefined) throw new RangeError(`there is no tab ${id}`);
    return tab;
  }
}
