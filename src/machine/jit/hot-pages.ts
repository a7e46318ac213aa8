/** Of a 32-bit kernel with the usual split: physical memory appears from here on, as far as there is any (up to 896 MB). */
const kernelStart = 0xc000_0000;
const pageBits = 12;
/** Sightings after which a page is compiled, and compiled again: meanwhile more of its entry points are known. */
const sightings = [3, 12, 48] as const;
/** All that is compiled at rest: a third of what v86's table of modules takes. */
const mostPages = 300;

/** An instruction's place, as the kernel has it mapped and in physical memory. */
export interface KernelAddress {
  readonly virtual: number;
  readonly physical: number;
}

/** Which pages of the guest's kernel are worth compiling: a profile from where the CPU stands at the ends of ticks. */
export class HotPages {
  readonly #memoryBytes: number;
  readonly #seen = new Map<number, number>();
  readonly #chosen = new Set<number>();
  readonly #waiting = new Map<number, KernelAddress>();

  constructor(memoryBytes: number) {
    this.#memoryBytes = memoryBytes;
  }

  /** @returns whether the page became one to compile */
  saw(virtual: number): boolean {
    const physical = virtual - kernelStart;
    if (physical < 0 || physical >= this.#memoryBytes) return false;
    const page = physical >>> pageBits;
    const count = (this.#seen.get(page) ?? 0) + 1;
    this.#seen.set(page, count);
    if (!sightings.some((wanted) => wanted === count)) return false;
    if (!this.#chosen.has(page) && this.#chosen.size >= mostPages) return false;
    this.#chosen.add(page);
    this.#waiting.set(page, { virtual, physical });
    return true;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** The page that became hot first; it is not given again until it was seen more often. */
  next(): KernelAddress | null {
    for (const [page, address] of this.#waiting) {
      this.#waiting.delete(page);
      return address;
    }
    return null;
  }

  /** Every module is gone. */
  forget(): void {
    this.#seen.clear();
    this.#chosen.clear();
    this.#waiting.clear();
  }
}
