import { toDisposable, type Disposable } from '../../base/disposable.ts';

/** Of 198.18.0.0/15, which RFC 2544 keeps for tests of networks: no host has one. */
const first = ((198 << 24) | (18 << 16)) >>> 0;
const count = 1 << 17;
/** Seconds that an answer is good for. */
export const outsideTimeToLive = 60;
/** Some keep an answer a little longer. */
const freshMilliseconds = 2 * outsideTimeToLive * 1000;

interface Known {
  readonly name: string;
  readonly index: number;
  freshUntil: number;
  holders: number;
}

export interface SavedNames {
  readonly names: readonly (readonly [name: string, index: number])[];
  readonly next: number;
}

/**
 * Names outside and the addresses that stand for them, so that a connection tells whom it is for. An address is another name's only after nobody holds it and
 * the last answer with it is no longer good; those used last stay longest.
 */
export class KnownNames {
  readonly #now: () => number;
  readonly #most: number;
  /** Least recently used first. */
  readonly #byName = new Map<string, Known>();
  readonly #byIndex = new Map<number, Known>();
  #next = 0;

  /** @param now milliseconds */
  constructor(now: () => number, most = 4096) {
    this.#now = now;
    this.#most = most;
  }

  /** Its address, good from now on; null where all are in use. */
  addressOf(name: string): string | null {
    const known = this.#byName.get(name) ?? this.#add(name);
    if (known === null) return null;
    this.#touch(known);
    return dotted(known.index);
  }

  /** Whether it has an address that is still good. */
  isFresh(name: string): boolean {
    return (this.#byName.get(name)?.freshUntil ?? 0) > this.#now();
  }

  nameOf(address: string): string | null {
    return this.#byIndex.get(indexOf(address))?.name ?? null;
  }

  /** Keeps the address of a name as long as a connection needs it. */
  hold(name: string): Disposable {
    const known = this.#byName.get(name);
    if (known === undefined) return toDisposable(() => undefined);
    known.holders += 1;
    return toDisposable(() => {
      known.holders -= 1;
      if (this.#byName.get(name) === known) this.#touch(known, known.freshUntil);
    });
  }

  save(): SavedNames {
    return { names: [...this.#byName.values()].map(({ name, index }) => [name, index] as const), next: this.#next };
  }

  /** In place of all: in the guest somebody may have had each answer just now. */
  restore({ names, next }: SavedNames): void {
    this.#byName.clear();
    this.#byIndex.clear();
    this.#next = next % count;
    for (const [name, index] of names.slice(-this.#most)) this.#put(name, index % count);
  }

  #touch(known: Known, freshUntil = this.#now() + freshMilliseconds): void {
    known.freshUntil = freshUntil;
    this.#byName.delete(known.name);
    this.#byName.set(known.name, known);
  }

  #add(name: string): Known | null {
    if (this.#byName.size >= this.#most && !this.#forgetOne()) return null;
    for (;;) {
      const index = this.#next;
      this.#next = (index + 1) % count;
      // Neither a network's own address nor its broadcast, to whoever thinks in networks of 256.
      if ((index & 255) === 0 || (index & 255) === 255 || this.#byIndex.has(index)) continue;
      return this.#put(name, index);
    }
  }

  #put(name: string, index: number): Known {
    const known = { name, index, freshUntil: this.#now() + freshMilliseconds, holders: 0 };
    this.#byName.set(name, known);
    this.#byIndex.set(index, known);
    return known;
  }

  #forgetOne(): boolean {
    const now = this.#now();
    for (const known of this.#byName.values()) {
      if (known.holders > 0 || known.freshUntil > now) continue;
      this.#byName.delete(known.name);
      this.#byIndex.delete(known.index);
      return true;
    }
    return false;
  }
}

/** Whether it is one that only stands for a name. */
export function standsForName(address: string): boolean {
  const index = indexOf(address);
  return index >= 0 && index < count;
}

function dotted(index: number): string {
  const number = first + index;
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}

function indexOf(address: string): number {
  const parts = address.split('.').map(Number);
  return parts.length === 4 ? parts.reduce((sum, part) => sum * 256 + part, 0) - first : -1;
}
