import { expect, test } from 'vitest';
import { parseStored } from './settings.svelte.ts';

const standard = { theme: 'system', fontSize: 14, screenReader: false, guideWidth: 416, relay: '' };

test('stored settings come back', () => {
  const stored = { theme: 'dark', fontSize: 18, screenReader: true, guideWidth: 500, relay: 'wss://relay.example/' };
  expect(parseStored(stored)).toEqual(stored);
});

test.each([
  [null],
  ['dark'],
  [{ theme: 'blue', fontSize: 'big', screenReader: 1 }],
  [{ fontSize: 3 }],
  [{ fontSize: Number.NaN }],
  [{ relay: 'ws://relay.example/' }],
])('what does not fit is the standard: %j', (stored) => {
  expect(parseStored(stored)).toEqual(standard);
});
