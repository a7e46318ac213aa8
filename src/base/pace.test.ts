import { expect, test } from 'vitest';
import { createPace } from './pace.ts';

test('a long loop lets what waits for the event loop run before it goes on', async () => {
  const pace = createPace();
  expect(pace.isDue()).toBe(false);
  let served = false;
  setTimeout(() => {
    served = true;
  }, 0);
  while (!pace.isDue());
  await pace.turn();
  expect(served).toBe(true);
  expect(pace.isDue()).toBe(false);
});
