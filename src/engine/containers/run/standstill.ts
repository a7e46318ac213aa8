import type { Container } from '../container.ts';

interface Store {
  all(): readonly Container[];
  holdUntil: Promise<void> | null;
}

/** Runs something while nobody holds a container's lock: what is saved then has no verb half done. Verbs that come meanwhile wait, and so do ends of runs. */
export async function atStandstill<T>(store: Store, use: () => Promise<T>): Promise<T> {
  // One after the other would hold some while it waits for others, and who has two locks would wait for ever.
  for (let busy = busyOf(store); busy.length > 0; busy = busyOf(store))
    await Promise.all(busy.map((container) => container.locked(() => undefined)));
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => (release = resolve));
  // Nothing was awaited since the look: these are the first in every queue.
  store.holdUntil = over;
  const held = store.all().map((container) => container.locked(() => over));
  try {
    return await use();
  } finally {
    store.holdUntil = null;
    release();
    await Promise.all(held);
  }
}

function busyOf(store: Store): readonly Container[] {
  return store.all().filter(({ isFree }) => !isFree);
}
