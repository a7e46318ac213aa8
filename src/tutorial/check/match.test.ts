import { expect, test } from 'vitest';
import type { Matcher } from '../format/matcher.ts';
import { mismatch, type Reading } from './match.ts';

const text = (value: string): Reading => ({ kind: 'text', value });
const number = (value: number): Reading => ({ kind: 'number', value });
const bytes = (value: number): Reading => ({ kind: 'bytes', value });
const list = (...value: string[]): Reading => ({ kind: 'list', value });
const image: Reading = { kind: 'image', value: ['docker.io/library/nginx:latest', `sha256:${'a'.repeat(64)}`] };
const none = (): undefined => undefined;

test.each<[string, Reading, Matcher]>([
  ['text', text('web'), 'web'],
  ['a number given as text', number(8080), '8080'],
  ['text given as a number', text('8080'), 8080],
  ['a quantity', bytes(67108864), '64M'],
  ['a boolean', { kind: 'boolean', value: true }, true],
  ['an image by another spelling', image, 'docker.io/library/nginx'],
  ['an image by id', image, `sha256:${'a'.repeat(64)}`],
  ['a list with blanks', list('sleep', '10'), 'sleep 10'],
  ['not', number(1), { not: 0 }],
  ['one-of', text('b'), { 'one-of': ['a', 'b'] }],
  ['at-least', number(2), { 'at-least': 2 }],
  ['at-most', number(2), { 'at-most': 2 }],
  ['more-than a quantity', bytes(1025), { 'more-than': '1k' }],
  ['less-than a quantity', bytes(1023), { 'less-than': '1k' }],
  ['contains part of a text', text('a long text'), { contains: 'long' }],
  ['contains an element', list('NET_ADMIN'), { contains: 'NET_ADMIN' }],
  ['prefix-of', text('ab'), { 'prefix-of': 'abc' }],
  ['several relations', number(5), { 'at-least': 1, 'at-most': 9, not: 4 }],
])('%s matches', (_, reading, matcher) => {
  expect(mismatch(reading, matcher, none)).toBeNull();
});

test.each<[string, Reading, Matcher, string]>([
  ['another text', text('web2'), 'web', 'equal'],
  ['a quantity in a plain number', number(67108864), '64M', 'equal'],
  ['one byte more', bytes(67108865), '64M', 'equal'],
  ['another tag', image, 'nginx:1', 'equal'],
  ['not', number(0), { not: 0 }, 'not'],
  ['one-of', text('c'), { 'one-of': ['a', 'b'] }, 'one-of'],
  ['at-least', number(1), { 'at-least': 2 }, 'at-least'],
  ['at-most', number(3), { 'at-most': 2 }, 'at-most'],
  ['more-than', number(2), { 'more-than': 2 }, 'more-than'],
  ['less-than', number(2), { 'less-than': 2 }, 'less-than'],
  ['a bound that is no number', number(2), { 'at-least': 'many' }, 'at-least'],
  ['part of an element', list('NET_ADMIN'), { contains: 'NET' }, 'contains'],
  ['an empty prefix', text(''), { 'prefix-of': 'abc' }, 'prefix-of'],
  ['the second of two relations', number(5), { 'at-least': 1, 'at-most': 4 }, 'at-most'],
])('%s does not match', (_, reading, matcher, relation) => {
  expect(mismatch(reading, matcher, none)?.relation).toBe(relation);
});

test('same-as and differs-from compare with another object, and neither holds when there is none', () => {
  const operand = (name: string): Reading | undefined => (name === 'entry' ? text('a') : undefined);
  expect(mismatch(text('a'), { 'same-as': 'entry' }, operand)).toBeNull();
  expect(mismatch(text('b'), { 'same-as': 'entry' }, operand)?.relation).toBe('same-as');
  expect(mismatch(text('b'), { 'differs-from': 'entry' }, operand)).toBeNull();
  expect(mismatch(text('a'), { 'differs-from': 'entry' }, operand)?.relation).toBe('differs-from');
  expect(mismatch(text('a'), { 'same-as': 'container:x' }, operand)?.relation).toBe('same-as');
  expect(mismatch(text('a'), { 'differs-from': 'container:x' }, operand)?.relation).toBe('differs-from');
});
