import { expect, test } from 'vitest';
import { ownValue, toRecord } from './record.ts';

const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'];

test('a record has the names it was given and inherits none', () => {
  const empty = toRecord([]);
  for (const name of names) expect(empty[name]).toBeUndefined();
  const full = toRecord(names.map((name) => [name, `of ${name}`]));
  expect(Object.keys(full)).toEqual(names);
  expect(JSON.parse(JSON.stringify(full))).toEqual(JSON.parse(`{${names.map((name) => `"${name}":"of ${name}"`).join()}}`));
  for (const name of names) expect(full[name]).toBe(`of ${name}`);
});

test('the own value of a plain object is never one of its prototype', () => {
  for (const name of names) expect(ownValue<unknown>({}, name)).toBeUndefined();
  expect(ownValue({ toString: 'mine' }, 'toString')).toBe('mine');
});
