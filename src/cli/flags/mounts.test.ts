import { expect, test } from 'vitest';
import { resolveSource, splitVolumes } from './mounts.ts';

test('a path that begins with a dot is one of the current folder, and stays as it is typed where that was removed', () => {
  expect(splitVolumes(['./x:/y', '../z:/z', 'name:/n'], '/home/me').binds).toEqual(['/home/me/x:/y', '/home/z:/z', 'name:/n']);
  expect(splitVolumes(['./x:/y', '.:/z'], '').binds).toEqual(['./x:/y', '.:/z']);
  expect(resolveSource({ Type: 'bind', Source: './x', Target: '/y' }, '').Source).toBe('./x');
});
