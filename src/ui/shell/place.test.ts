import { expect, test } from 'vitest';
import { hashOf, parsePlace, type Place } from './place.ts';

test.each<[string, Place]>([
  ['', { kind: 'welcome' }],
  ['#', { kind: 'welcome' }],
  ['#/', { kind: 'welcome' }],
  ['#/tutorials', { kind: 'catalogue' }],
  ['#/playground', { kind: 'playground' }],
  ['#/tutorials/first-container', { kind: 'tutorial', id: 'first-container' }],
  ['#/tutorials/', { kind: 'welcome' }],
  ['#/tutorials/../secret', { kind: 'welcome' }],
  ['#/tutorials/__proto__', { kind: 'welcome' }],
  ['#/elsewhere', { kind: 'welcome' }],
  ['#terminal', { kind: 'welcome' }],
])('%j is a place', (hash, place) => {
  expect(parsePlace(hash)).toEqual(place);
});

test.each<Place>([{ kind: 'welcome' }, { kind: 'catalogue' }, { kind: 'playground' }, { kind: 'tutorial', id: 'a-b2' }])(
  'the address of %j leads back to it',
  (place) => {
    expect(parsePlace(hashOf(place))).toEqual(place);
  },
);
