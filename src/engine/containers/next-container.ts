import { randomId, type Random } from '../random.ts';

interface Drawn {
  readonly id: string;
  readonly layers: readonly string[];
}

/** What a snapshot keeps: only what the guest may hold for it, for the ID itself may be used by the machine that goes on. */
export type NextContainerSnapshot = Drawn | null;

/**
 * The ID of the container that probably comes next, drawn ahead: each start tells it to the agent, which has the overlay of such a container
 * ready by the time somebody asks for it (`kernel/agent/idle`). Who starts one container of an image mostly starts another.
 */
export class NextContainer {
  readonly #random: Random;
  #drawn: Drawn | null = null;
  #free = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** At a start of a container of these layers. */
  draw(layers: readonly string[]): string {
    if (this.#drawn === null || !this.#free || !isSame(this.#drawn.layers, layers)) {
      this.#drawn = { id: randomId(this.#random), layers };
      this.#free = true;
    }
    return this.#drawn.id;
  }

  /** For a new container of these layers: the ID that was drawn for it, once, or any. */
  take(layers: readonly string[]): string {
    if (this.#drawn === null || !this.#free || !isSame(this.#drawn.layers, layers)) return randomId(this.#random);
    this.#free = false;
    return this.#drawn.id;
  }

  /** A layer is no more. @returns the ID for which the guest may hold it */
  forget(layer: string): string | null {
    const drawn = this.#drawn;
    if (drawn === null || !drawn.layers.includes(layer)) return null;
    this.#drawn = null;
    return drawn.id;
  }

  snapshot(): NextContainerSnapshot {
    return this.#drawn;
  }

  restore(drawn: NextContainerSnapshot): void {
    this.#drawn = drawn;
    this.#free = false;
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((layer, index) => layer === other[index]);
}
