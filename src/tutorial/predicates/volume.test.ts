import { expect, test } from 'vitest';
import { sentence, check } from '../testing/check.ts';
import { containerFact, sceneFact, snapshotFact, volumeFact } from '../testing/facts.ts';

const models = {
  Type: 'volume',
  Name: 'models',
  Source: '',
  Destination: '/out',
  Driver: 'local',
  Mode: 'z',
  RW: true,
  Propagation: '',
} as const;
const scene = sceneFact({
  engine: snapshotFact({
    containers: [containerFact({ name: 'one', mounts: [models] }), containerFact({ name: 'two', state: 'exited', mounts: [models] })],
    volumes: [
      volumeFact('models', { Labels: { team: 'a' } }),
      volumeFact('f'.repeat(64), { Labels: { 'com.docker.volume.anonymous': '' } }),
    ],
  }),
  entry: snapshotFact({ volumes: [volumeFact('models', { CreatedAt: '2025-12-31T00:00:00Z' })] }),
});

test('a volume is found by name, labels and how many containers have it', async () => {
  expect((await check({ volume: { name: 'models', users: 2, anonymous: false, labels: { team: 'a' } } }, scene)).ok).toBe(true);
  expect(await sentence({ volume: { name: 'models', users: 1 } }, scene)).toBe(
    'There is models, but its number of containers that have it is 2, not 1.',
  );
  expect(await sentence({ volume: { name: 'model' } }, scene)).toBe('There is no volume model.');
});

test('one that was made anew is not the one that was there at entry', async () => {
  expect(await sentence({ volume: { name: 'models', createdAt: { 'same-as': 'entry' } } }, scene)).toMatch(
    /^There is models, but its time of creation is .*; it has to be the same as when this step began\.$/,
  );
});

test('those that nobody gave a name can be counted', async () => {
  expect((await check({ count: { volume: { anonymous: true }, exactly: 1 } }, scene)).ok).toBe(true);
  expect(await sentence({ count: { volume: { anonymous: true }, exactly: 0 } }, scene)).toMatch(
    /^There is 1 volume .*; none are wanted\.$/,
  );
});
