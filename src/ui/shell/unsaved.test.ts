import { expect, test } from 'vitest';
import { containerFact, imageFact, networkFact, volumeFact } from '../../tutorial/testing/facts.ts';
import { wouldLose } from './unsaved.ts';

const networks = ['bridge', 'host', 'none'].map((name) => networkFact(name));
const engine = { containers: [], images: [], networks, volumes: [] };
const fresh = { engine, outcomes: ['open', 'open'], entered: false } as const;

test('a machine as it booted is left without a question', () => {
  expect(wouldLose(fresh)).toBe(false);
});

test.each([
  ['a container', { ...fresh, engine: { ...engine, containers: [containerFact()] } }],
  ['an image', { ...fresh, engine: { ...engine, images: [imageFact('busybox')] } }],
  ['a volume', { ...fresh, engine: { ...engine, volumes: [volumeFact('data')] } }],
  ['a network of one’s own', { ...fresh, engine: { ...engine, networks: [...networks, networkFact('front')] } }],
  ['a step that was shown', { ...fresh, outcomes: ['open', 'shown'] } as const],
  ['a line that was entered', { ...fresh, entered: true }],
])('%s is asked for', (_, made) => {
  expect(wouldLose(made)).toBe(true);
});
