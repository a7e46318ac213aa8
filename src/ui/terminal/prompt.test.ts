import { expect, test } from 'vitest';
import { standingOf, type Standing } from './prompt.ts';

test.each<[string, Standing]>([
  ['root@drydock:~# ', 'prompt'],
  ['root@drydock:/etc/init.d# ', 'prompt'],
  ['root@drydock:~# docker ', 'typed'],
  ['root@drydock:~# # ', 'typed'],
  ['/ # ', 'inside'],
  ['root@4f1f9e414194:/# ', 'inside'],
  ['~ $ ', 'inside'],
  ['>>> ', 'inside'],
  ['', 'program'],
  ['/ # ls', 'program'],
  ['64 bytes from 10.0.0.1: seq=0', 'program'],
])('a line %j is %s', (line, standing) => {
  expect(standingOf(line)).toBe(standing);
});
