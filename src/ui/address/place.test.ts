import { expect, test } from 'vitest';
import { hashOf, parsePlace, type Place } from './place.ts';

test.each<[string, Place]>([
  ['', { kind: 'welcome' }],
  ['#', { kind: 'welcome' }],
  ['#/', { kind: 'welcome' }],
  ['#/tutorials', { kind: 'catalogue' }],
  ['#/playground', { kind: 'playground' }],
  ['#/tutorials/first-container', { kind: 'tutorial', id: 'first-container' }],
  ['#/tutorials/first-container/look-inside', { kind: 'tutorial', id: 'first-container', step: 'look-inside' }],
])('%j is a place', (hash, place) => {
  expect(parsePlace(hash)).toEqual(place);
});

test.each([
  '#/tutorials/',
  '#/tutorials/../secret',
  '#/tutorials/__proto__',
  '#/tutorials/a/b/c',
  '#/tutorials/a/',
  '#/playground/more',
  '#/elsewhere',
  '#terminal',
  '#/%00',
])('%j is none', (hash) => {
  expect(parsePlace(hash)).toBeNull();
});

test.each<Place>([
  { kind: 'welcome' },
  { kind: 'catalogue' },
  { kind: 'playground' },
  { kind: 'tutorial', id: 'a-b2' },
  { kind: 'tutorial', id: 'a-b2', step: 'c' },
])('the address of %j leads back to it', (place) => {
  expect(parsePlace(hashOf(place))).toEqual(place);
});
