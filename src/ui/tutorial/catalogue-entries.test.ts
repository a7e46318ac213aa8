import { expect, test } from 'vitest';
import type { Capability } from '../../protocol/tutorial.ts';
import type { TutorialSummary } from '../../tutorial/index.ts';
import { entriesOf, followingIn } from './catalogue-entries.ts';

const summary = (id: string, more: Partial<TutorialSummary> = {}): TutorialSummary => ({
  id,
  title: id,
  summary: '',
  track: 'use',
  level: 1,
  minutes: 5,
  needs: [],
  requires: ['engine'],
  steps: [],
  ...more,
});
const available = new Set<Capability>(['engine', 'ports']);

test('a tutorial is locked by what it requires and the playground lacks, and no other is', () => {
  const entries = entriesOf(
    [
      summary('first'),
      summary('build', { requires: ['engine', 'build', 'registry'] }),
      summary('doors', { requires: ['engine', 'ports'] }),
    ],
    available,
  );
  expect(entries.map(({ id, lacks }) => [id, lacks])).toEqual([
    ['first', []],
    ['build', ['build', 'registry']],
    ['doors', []],
  ]);
});

test('they are ordered by track and level, each after what it needs', () => {
  const entries = entriesOf(
    [summary('c', { track: 'data' }), summary('b', { needs: ['a'] }), summary('a'), summary('d', { level: 2 })],
    available,
  );
  expect(entries.map(({ id }) => id)).toEqual(['a', 'b', 'd', 'c']);
});

test('what comes after a tutorial is the next one that is not locked', () => {
  const entries = entriesOf([summary('a'), summary('b', { level: 2, requires: ['build'] }), summary('c', { level: 3 })], available);
  expect(followingIn(entries, 'a')?.id).toBe('c');
  expect(followingIn(entries, 'c')).toBeUndefined();
});
