import { decode, encode, type DecodedPacket, type Question } from 'dns-packet';
import { expect, test } from 'vitest';
import { concatBytes } from '../../../base/bytes.ts';
import { encodeAnswer, isWireName, parseQuery, recordType, type Answer, type Query } from './packet.ts';

/** dns-packet, which is not ours, says what a packet is. */
function ask(name: string, type: Question['type'] = 'A', more: Parameters<typeof encode>[0] = {}): Uint8Array {
  return new Uint8Array(encode({ type: 'query', id: 0x1234, flags: 0x100, questions: [{ name, type, class: 'IN' }], ...more }));
}

function queryOf(packet: Uint8Array): Query {
  const parsed = parseQuery(packet);
  if (parsed === null || 'refusal' in parsed) throw new Error('no query');
  return parsed.query;
}

const read = (packet: Uint8Array): DecodedPacket => decode(Buffer.from(packet));
const answer = (packet: Uint8Array, { code, records, recursive }: Answer, limit = 512): DecodedPacket =>
  read(encodeAnswer(queryOf(packet), { code, records, recursive }, limit));
const refusal = (packet: Uint8Array): string => {
  const parsed = parseQuery(packet);
  return parsed !== null && 'refusal' in parsed ? Buffer.from(parsed.refusal).toString('hex') : 'none';
};
const header = (flags: number, counts: readonly number[]): Uint8Array =>
  Uint8Array.from([0x12, 0x34, flags >> 8, flags & 255, ...counts.flatMap((count) => [count >> 8, count & 255])]);
const one = [1, 0, 0, 0];

test('an address of IPv6 is answered as it was asked for', () => {
  const { answers } = answer(ask('d1', 'AAAA'), { code: 'NOERROR', records: ['fd00:1::9'], recursive: true });
  expect(answers).toMatchObject([{ name: 'd1', type: 'AAAA', data: 'fd00:1::9' }]);
});

test('a query is read with its name, type and the size that its sender takes', () => {
  expect(queryOf(ask('d1.net', 'AAAA'))).toMatchObject({ id: 0x1234, name: 'd1.net', type: recordType.AAAA, udpSize: 512 });
  const option = {
    type: 'OPT' as const,
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  expect(queryOf(ask('d1', 'A', { additionals: [option] })).udpSize).toBe(4096);
  expect(queryOf(ask('.')).name).toBe('');
  expect(queryOf(concatBytes([ask('d1'), Uint8Array.of(1, 2, 3)])).name).toBe('d1');
});

test('a dot within a label, and what is no letter, are not the dots and letters of names', () => {
  const bytes = (label: readonly number[]): Uint8Array =>
    concatBytes([header(0x100, one), Uint8Array.from([label.length, ...label, 0, 0, 1, 0, 1])]);
  expect(queryOf(bytes([0x61, 0x2e, 0x62])).name).toBe('a\\.b');
  expect(queryOf(bytes([0xc3, 0xbc, 0, 0x7f, 0x5c])).name).toBe('\\195\\188\\000\\127\\\\');
});

test('an answer has the question as it was, and its records', () => {
  const found = answer(ask('Web.Net'), { code: 'NOERROR', records: ['172.18.0.2', '172.18.0.3'], recursive: true });
  expect(found).toMatchObject({ id: 0x1234, type: 'response', rcode: 'NOERROR', flag_rd: true, flag_ra: true, flag_tc: false });
  expect(found.questions).toEqual([{ name: 'Web.Net', type: 'A', class: 'IN' }]);
  expect(found.answers).toMatchObject([
    { name: 'Web.Net', type: 'A', class: 'IN', ttl: 600, data: '172.18.0.2' },
    { name: 'Web.Net', type: 'A', class: 'IN', ttl: 600, data: '172.18.0.3' },
  ]);
  const pointer = answer(ask('2.0.18.172.in-addr.arpa', 'PTR'), { code: 'NOERROR', records: ['d1.net'], recursive: true });
  expect(pointer.answers).toMatchObject([{ type: 'PTR', data: 'd1.net' }]);
  const failure = answer(ask('x'), { code: 'SERVFAIL', records: [], recursive: false });
  expect(failure).toMatchObject({ rcode: 'SERVFAIL', flag_ra: false, flag_rd: true, answers: [] });
});

test('bytes are those of a real engine', () => {
  const hex = (packet: Uint8Array, given: Answer): string => Buffer.from(encodeAnswer(queryOf(packet), given, 512)).toString('hex');
  const found = { code: 'NOERROR', records: ['172.18.0.2'], recursive: true } as const;
  expect(hex(ask('d1'), found)).toBe('12348180000100010000000002643100000100010264310000010001000002580004ac120002');
  expect(hex(ask('d1', 'TXT'), { code: 'SERVFAIL', records: [], recursive: false })).toBe('1234810200010000000000000264310000100001');
});

test('what finds no room is left out and said so; names are then given by reference', () => {
  const many = Array.from({ length: 200 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
  const packet = ask('a-rather-long-name-of-a-service.network');
  const short = encodeAnswer(queryOf(packet), { code: 'NOERROR', records: many, recursive: true }, 512);
  expect(short.length).toBeLessThanOrEqual(512);
  expect(read(short)).toMatchObject({ flag_tc: true });
  expect(read(short).answers).toHaveLength(Math.floor((512 - 12 - 45) / 16));
  const whole = answer(packet, { code: 'NOERROR', records: many, recursive: true }, 65_535);
  expect(whole.answers).toHaveLength(200);
  expect(whole.flag_tc).toBe(false);
});

test('what is no query is not answered, or told so, as by the server that Docker uses', () => {
  expect(parseQuery(new Uint8Array(11))).toBeNull();
  expect(parseQuery(concatBytes([header(0x8180, one), ask('d1').subarray(12)]))).toBeNull();
  expect(refusal(concatBytes([header(0x1100, one), ask('d1').subarray(12)]))).toBe('123491040000000000000000');
  expect(refusal(concatBytes([header(0x2800, one), ask('d1').subarray(12)]))).toBe('1234a8040000000000000000');
  for (const counts of [
    [0, 0, 0, 0],
    [2, 0, 0, 0],
    [1, 2, 0, 0],
    [1, 0, 0, 3],
  ])
    expect(refusal(concatBytes([header(0x100, counts), ask('d1').subarray(12)]))).toBe('123481010000000000000000');
});

test('names that refer to themselves, to what comes, or beyond the end are no names', () => {
  const names = [
    [0xc0, 12],
    [0xc0, 14],
    [0xff, 0xff],
    [1, 0x61, 0xc0, 12],
    [0xc0],
    [5, 0x61],
    [0x40, 0x61, 0],
    [0x80, 0],
    [1, 0x61],
    Array.from({ length: 300 }, () => [1, 0x61]).flat(),
    Array.from({ length: 40 }, () => [63, ...Array.from({ length: 63 }, () => 0x61)]).flat(),
  ];
  for (const name of names)
    expect(refusal(Uint8Array.from([...header(0x100, one), ...name, 0, 1, 0, 1])), name.slice(0, 4).join()).toBe(
      '123481010000000000000000',
    );
  // The question is whole, the record that should follow is not.
  for (const rest of [[], [0], [0, 0, 41, 16, 0, 0, 0, 0, 0, 0], [0, 0, 41, 16, 0, 0, 0, 0, 0, 255, 255], [0xc0]])
    expect(refusal(concatBytes([header(0x100, [1, 0, 0, 1]), ask('d1').subarray(12), Uint8Array.from(rest)]))).toBe(
      '123481010000000000000000',
    );
});

test('any bytes are read in bounded time, and never throw', () => {
  let seed = 7;
  const next = (below: number): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) % below;
  for (let round = 0; round < 3000; round++) {
    const packet = round % 2 === 0 ? Uint8Array.from({ length: next(80) }, () => next(256)) : ask('a.name.of.some.length');
    if (round % 2 === 1) for (let hit = 0; hit < 4; hit++) packet[next(packet.length)] = next(256);
    const parsed = parseQuery(packet);
    if (parsed !== null && 'query' in parsed) read(encodeAnswer(parsed.query, { code: 'SERVFAIL', records: [], recursive: false }, 512));
  }
  expect(refusal(concatBytes([header(0x100, one), new Uint8Array(65_000).fill(1)]))).toBe('123481010000000000000000');
});

test('only names that fit into a packet are said', () => {
  expect(isWireName('web.net')).toBe(true);
  expect(isWireName(`${'a'.repeat(64)}.net`)).toBe(false);
  expect(isWireName(Array.from({ length: 60 }, () => 'abcd').join('.'))).toBe(false);
  expect(isWireName('a..b')).toBe(false);
});
