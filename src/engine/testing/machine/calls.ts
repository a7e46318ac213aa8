import type { AppError } from '../../../base/errors.ts';

/** What every call to the test machine goes through. */
export class TestCalls {
  /** Fails the next call of this name once. */
  readonly failures = new Map<string, AppError>();
  /** Held until resolved, to look at what happens meanwhile. */
  gate: Promise<void> | null = null;
  /** How long a round trip takes; none unless a test says so. */
  roundTrip: () => Promise<void> = () => Promise.resolve();

  /** @throws AppError the failure that waits for this name */
  async call(name: string): Promise<void> {
    await this.roundTrip();
    const failure = this.failures.get(name);
    if (failure === undefined) return;
    this.failures.delete(name);
    throw failure;
  }
}

export function fillMap<K, V>(map: Map<K, V>, saved: ReadonlyMap<K, V>): void {
  for (const [key, value] of saved) map.set(key, value);
}
