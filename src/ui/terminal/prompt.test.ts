import { expect, test } from 'vitest';
import { isPrompt } from './prompt.ts';

test.each(['/ # ', 'root@4f1f9e414194:/# ', '~ $ ', '>>> '])('%j is a prompt', (line) => {
  expect(isPrompt(line)).toBe(true);
});

test.each(['', '/ # ls', '64 bytes from 10.0.0.1: seq=0', 'cost: 5$'])('%j is none', (line) => {
  expect(isPrompt(line)).toBe(false);
});
