import type { Container } from '../container.ts';

/** Runs something while nobody holds a container's lock: what is saved then has no verb half done. Verbs that come meanwhile wait, and so do ends of runs. */
export async function atStandstill<T>(store: { all(): readonly Container[] }, use: () => Promise<T>): Promise<T> {
  // One after the other would hold some while it waits for others, and who has two locks would wait for ever.
  for (let busy = busyOf(store); busy.length > 0; busy = busyOf(store))
    await Promise.all(busy.map((container) => container.locked(() => undefined)));
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  // Nothing was awaited since the look: these are the first in every queue.
  const held = store.all().map((container) => container.locked(() => over));
  try {
    return await use();
  } finally {
    release();
    await Promise.all(held);
  }
}

function busyOf(store: { all(): readonly Container[] }): readonly Container[] {
  return store.all().filter(({ isFree }) => !isFree);
}
