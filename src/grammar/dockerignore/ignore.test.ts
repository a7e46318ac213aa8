import { expect, test } from 'vitest';
import { Steps } from '../../base/steps.ts';
import { findIgnoreFile, readIgnoreFile } from './ignore-file.ts';
import { IgnoreWalk } from './left-out.ts';
import { pathPatterns } from './path-patterns.ts';

function patternsOf(text: string): readonly string[] {
  return readIgnoreFile({ name: '.dockerignore', text });
}

test('without a .dockerignore there is none', async () => {
  expect(
    await findIgnoreFile(
      'Dockerfile',
      () => Promise.resolve(null),
      () => Promise.resolve(null),
    ),
  ).toBeNull();
});

test('a folder that matched and that no exception is about need not be walked', async () => {
  const walk = new IgnoreWalk(await pathPatterns(patternsOf('node_modules\nsrc\n!src/keep')));
  expect(walk.visit('node_modules', true)).toEqual({ kind: 'skipped' });
  expect(walk.visit('src', true)).toEqual({ kind: 'left' });
  expect(walk.visit('src/a', false)).toEqual({ kind: 'left' });
  expect(walk.visit('src/keep', false)).toEqual({ kind: 'taken', parents: ['src'] });
  expect(walk.visit('srcs', false)).toEqual({ kind: 'taken', parents: [] });
});

test('a line that is longer than Go reads is refused', () => {
  expect(() => patternsOf('a'.repeat(65_536))).toThrow('failed parsing .dockerignore: bufio.Scanner: token too long');
});

test('a file of more patterns than anybody writes is refused', () => {
  expect(() => patternsOf('a\n'.repeat(10_001))).toThrow('.dockerignore has more than 10000 patterns');
});

test('a pattern of many stars costs pattern times path, and all together what is allowed', async () => {
  const patterns = patternsOf(`${'**/*a*a'.repeat(40)}b`);
  const steps = new Steps();
  const path = 'a'.repeat(4000);
  expect((await pathPatterns(patterns, steps)).match(path, null).matched).toBe(false);
  expect(steps.taken).toBeLessThan(16_000_000);
  const few = await pathPatterns(patterns, new Steps(1_000_000, 'what the patterns are asked about'));
  expect(() => few.match(path, null)).toThrow('what the patterns are asked about is too large');
});
