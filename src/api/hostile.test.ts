/** What a client may send to make the one thread work: each parser's steps stay near the length of what it is given. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { sourceOf } from '../base/streams.ts';
import { Steps } from '../base/steps.ts';
import { expectNearLinear, growingTexts } from '../base/testing/growth.ts';
import { watchDetachKeys, parseDetachKeys } from '../grammar/detach-keys.ts';
import { parseFilters } from './filters.ts';
import { readHead } from './http1/head.ts';
import { ConnectionReader } from './http1/reader.ts';
import { Query } from './query.ts';
import { route, routeTable } from './route.ts';
import { parseTimestamp } from '../grammar/timestamp.ts';

const head = (text: string, steps?: Steps) => readHead(new ConnectionReader(sourceOf(utf8(text))), 1024 * 1024, steps);
const unpolluting = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];

test('a request head takes steps in proportion to its length, whatever it is made of', async () => {
  const pieces = [
    ' ',
    '\t',
    ':',
    'a',
    'a: ',
    '\r\n',
    'GET / HTTP/1.1\r\n',
    'Host: x\r\n',
    ',',
    'Connection: close\r\n',
    'http://',
    '/',
    '\0',
  ];
  await expectNearLinear(growingTexts(pieces), (text, steps) => head(`GET / HTTP/1.1\r\nHost: x\r\n${text}\r\n\r\n`, steps));
  await expectNearLinear(growingTexts(pieces), (text, steps) => head(`${text}\r\n\r\n`, steps));
});

test('60 000 blanks in a header are passed over once', async () => {
  const steps = new Steps();
  const found = await head(`GET /_ping HTTP/1.1\r\nHost: x\r\nA: b${' '.repeat(60_000)}c \t \r\n\r\n`, steps);
  expect(found?.headers['a']).toBe(`b${' '.repeat(60_000)}c`);
  expect(steps.taken).toBeLessThan(3 * 60_000);
});

test('headers are split as before, blanks or not', async () => {
  const value = fc.string({ unit: fc.constantFrom(' ', '\t', 'x', ':'), maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const found = await head(`GET / HTTP/1.1\r\nHost: x\r\nA:${text}\r\n\r\n`);
      expect(found?.headers['a']).toBe(text.trim());
    }),
  );
});

test('a name like one of the prototype is a header, a filter and a parameter like any other', async () => {
  const found = await head(`GET / HTTP/1.1\r\nHost: x\r\n${unpolluting.map((name) => `${name}: yes\r\n`).join('')}\r\n`);
  for (const name of unpolluting) expect(found?.headers[name.toLowerCase()]).toBe('yes');
  expect((await head('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))?.headers['constructor']).toBeUndefined();

  const filters = parseFilters(`{${unpolluting.map((name) => `"${name}":["a"]`).join()}}`);
  expect(Object.keys(filters)).toEqual(unpolluting);
  for (const name of unpolluting) expect(filters[name]).toEqual(['a']);
  expect(parseFilters('{"label":{"__proto__":true,"constructor":true}}')['label']).toEqual(['__proto__', 'constructor']);
  expect(parseFilters('{"__proto__":{"label":true}}')['label']).toBeUndefined();
  expect(() => parseFilters('{"__proto__":["a"]}', ['label'])).toThrow("invalid filter '__proto__'");

  const logged = new Query(unpolluting.map((name) => `${name}=${name}`).join('&')).record();
  expect(Object.entries(logged)).toEqual(unpolluting.map((name) => [name, name]));
});

test('the log keeps the beginning of long parameters, and not all of many', () => {
  const { name, ...others } = new Query(`name=${'x'.repeat(500_000)}&${'y'.repeat(5000)}=1`).record();
  expect(name).toBe(`${'x'.repeat(1024)}…`);
  expect(Object.keys(others)).toEqual([`${'y'.repeat(1024)}…`]);
  expect(Object.keys(new Query(Array.from({ length: 5000 }, (_, at) => `p${at}=1`).join('&')).record())).toHaveLength(64);
});

test('a number of a million digits is refused before it is made a number', () => {
  expect(parseTimestamp('1700000000.5')).toBe(1_700_000_000_500_000_000n);
  expect(parseTimestamp('-1')).toBe(-1_000_000_000n);
  expect(() => parseTimestamp('9'.repeat(1_000_000))).toThrow('value out of range');
  expect(() => parseTimestamp('99999999999999999999')).toThrow('strconv.ParseInt: parsing "99999999999999999999": value out of range');
  expect(() => parseTimestamp('1.5x')).toThrow('strconv.ParseInt: parsing "5x": invalid syntax');
  expect(() => parseTimestamp('1.')).toThrow('strconv.ParseInt: parsing "": invalid syntax');
});

test('a detach sequence of half a million keys is held back and given on', () => {
  const keys = parseDetachKeys(Array.from({ length: 500_000 }, () => 'a').join());
  const watch = watchDetachKeys(keys);
  expect(watch.push(new Uint8Array(400_000).fill(0x61)).forward).toHaveLength(0);
  expect(watch.push(utf8('b')).forward).toHaveLength(400_001);
});

test('a path is compared with what stands before and behind the name', () => {
  const table = routeTable([route('GET', '/images/{name}/json', () => Promise.reject(new Error('not run')))]);
  expect(table('GET', '/images/library/busybox/json')?.params).toEqual({ name: 'library/busybox' });
  expect(table('GET', '/images//json/json')?.params).toEqual({ name: '/json' });
  expect(table('GET', '/images/json')).toBeNull();
  expect(table('GET', '/images//json')).toBeNull();
  expect(table('GET', `/images/${'/json'.repeat(200_000)}`)?.params['name']).toHaveLength(999_995);
  expect(() => routeTable([route('GET', '/{a}/{b}', () => Promise.reject(new Error('not run')))])).toThrow('one name at most');
});
