import type { Clock } from '../clock.ts';
import { isOutsideName } from './host-name.ts';
import type { KnownNames } from './known-names.ts';
import type { NameStatus, OutsideWay } from './way.ts';

/** Milliseconds that anybody may take to say whether a name is there. */
const patience = 5000;
/** Under way at a time. */
const mostQuestions = 64;

/** What DNS is told of names outside. */
export class OutsideNames {
  readonly #ways: readonly OutsideWay[];
  readonly #known: KnownNames;
  readonly #clock: Clock;
  readonly #asking = new Map<string, Promise<NameStatus>>();

  constructor(ways: readonly OutsideWay[], known: KnownNames, clock: Clock) {
    this.#ways = ways;
    this.#known = known;
    this.#clock = clock;
  }

  /** A promise only where somebody has to be asked. @param name as it was asked for */
  find(name: string): NameStatus | Promise<NameStatus> {
    const wanted = name.toLowerCase();
    if (!isOutsideName(wanted)) return 'unknown';
    if (this.#known.isFresh(wanted)) return 'found';
    const asked = this.#asking.get(wanted);
    if (asked !== undefined) return asked;
    if (this.#asking.size >= mostQuestions) return 'unreachable';
    const asking = this.#ask(wanted).finally(() => this.#asking.delete(wanted));
    this.#asking.set(wanted, asking);
    return asking;
  }

  /** Of one that was found; null where there is none left. */
  addressOf(name: string): string | null {
    return this.#known.addressOf(name.toLowerCase());
  }

  nameOf(address: string): string | null {
    return this.#known.nameOf(address);
  }

  async #ask(name: string): Promise<NameStatus> {
    const over = new AbortController();
    const late = this.#clock.after(patience, over.signal).then(
      () => 'unreachable' as const,
      () => 'unreachable' as const,
    );
    try {
      return await Promise.race([this.#askEach(name, over.signal), late]);
    } catch {
      return 'unreachable';
    } finally {
      over.abort();
    }
  }

  async #askEach(name: string, signal: AbortSignal): Promise<NameStatus> {
    for (const way of this.#ways) {
      const status = await way.lookUp(name, signal);
      if (status !== null) return status;
    }
    return 'unknown';
  }
}
