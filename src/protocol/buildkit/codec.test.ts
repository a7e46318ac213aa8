import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { decodeMessage, encodeMessage, maxMessageBytes } from './codec.ts';
import { traceId } from './messages.ts';
import type { Message } from './messages.ts';

/** The traces of a recorded answer, as bytes. */
function recorded(name: string): Uint8Array[] {
  const lines = readFileSync(new URL(`../../../test/conformance/build-answers/${name}.jsonl`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const traces: Uint8Array[] = [];
  for (const line of lines) {
    const { id, aux } = JSON.parse(line);
    if (id === traceId) traces.push(new Uint8Array(Buffer.from(aux, 'base64')));
  }
  return traces;
}

function decoded(name: string): Message<'StatusResponse'>[] {
  return recorded(name).map((bytes) => decodeMessage('StatusResponse', bytes));
}

describe('what BuildKit says of a build', () => {
  test.each(['success', 'cached', 'failed', 'parse', 'parallel'])(
    'every status of the recorded build %s is read and written to the same bytes',
    (name) => {
      const traces = recorded(name);
      expect(traces.length).toBeGreaterThan(3);
      for (const bytes of traces) expect(encodeMessage('StatusResponse', decodeMessage('StatusResponse', bytes))).toEqual(bytes);
    },
  );

  test('steps, output and times are those that BuildKit sent', () => {
    const all = decoded('success');
    const run = all.flatMap(({ vertexes }) => vertexes).findLast(({ name }) => name.startsWith('[2/3] RUN'));
    expect(run).toMatchObject({ name: '[2/3] RUN echo hello && echo err >&2', cached: false, error: '', progressGroup: null });
    if (run === undefined || run.started === null || run.completed === null) throw new Error('the step was not completed');
    expect(run.completed).toBeGreaterThan(run.started);
    expect(new Date(Number(run.started / 1_000_000n)).getUTCFullYear()).toBe(2026);
    const logs = all
      .flatMap(({ logs: some }) => some)
      .map(({ vertex, stream, msg }) => [vertex === run.digest, stream, new TextDecoder().decode(msg)]);
    expect(logs).toHaveLength(2);
    expect(logs).toEqual(
      expect.arrayContaining([
        [true, 1, 'hello\n'],
        [true, 2, 'err\n'],
      ]),
    );
  });

  test('a warning names its rule, its page and its lines', () => {
    const [warning] = decoded('success').flatMap(({ warnings }) => warnings);
    expect(new TextDecoder().decode(warning?.short)).toContain('JSONArgsRecommended: ');
    expect(warning?.url).toBe('https://docs.docker.com/go/dockerfile/rule/json-args-recommended/');
    expect(warning?.info?.filename).toBe('Dockerfile');
    expect(warning?.ranges[0]?.start?.line).toBe(4);
  });

  test('the failed step carries the error', () => {
    const failed = decoded('failed')
      .flatMap(({ vertexes }) => vertexes)
      .filter(({ error }) => error !== '');
    expect(failed.map(({ error }) => error)).toContain(
      'process "/bin/sh -c echo out && echo bad >&2 && exit 3" did not complete successfully: exit code: 3',
    );
  });
});

describe('the codec', () => {
  test('negative numbers, empty items and times before the epoch come back', () => {
    const status = { id: 'x', current: -5, total: 2 ** 40, started: -1n, completed: 0n };
    expect(decodeMessage('VertexStatus', encodeMessage('VertexStatus', status))).toMatchObject({ ...status, vertex: '', timestamp: null });
    expect(decodeMessage('Vertex', encodeMessage('Vertex', { inputs: ['', 'a'] })).inputs).toEqual(['', 'a']);
  });

  test('an empty message and a field nobody knows are read', () => {
    expect(decodeMessage('StatusResponse', new Uint8Array())).toEqual({ vertexes: [], statuses: [], logs: [], warnings: [] });
    expect(decodeMessage('Position', Uint8Array.of(0x08, 7, 0x7a, 1, 0xff, 0x7d, 1, 2, 3, 4))).toEqual({ line: 7, character: 0 });
  });

  test.each([
    ['a cut field', [0x0a, 5, 1], 'a field is longer than the message'],
    ['a cut number', [0x20, 0x80], 'a number is cut off'],
    ['a number without end', [0x20, ...Array.from({ length: 11 }, () => 0xff)], 'a number is longer than 64 bits'],
    ['field 0', [0x02, 0], "0 is no field's number"],
    ['a group', [0x0b], 'field 1 is of the wire type 3'],
    ['a string as number', [0x08, 1], 'Vertex.digest is not of the type string'],
    ['a length of 2^63', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'a field is longer than the message'],
  ])('%s is refused', (_what, bytes, words) => {
    expect(() => decodeMessage('Vertex', Uint8Array.from(bytes))).toThrow(`malformed build status: ${words}`);
  });

  test('what is decoded is bounded in bytes and in fields', () => {
    expect(() => decodeMessage('StatusResponse', new Uint8Array(maxMessageBytes + 1))).toThrow('more than 16777216 bytes');
    const many = new Uint8Array(200_000);
    for (let at = 0; at < many.length; at += 2) many[at] = 0x12;
    expect(() => decodeMessage('Vertex', many)).toThrow('more than 65536 fields');
  });

  test('a value that a field cannot hold is not written', () => {
    expect(() => encodeMessage('Position', { line: 1.5 })).toThrow('Position.line is no integer: 1.5');
    expect(encodeMessage('VertexLog', { msg: utf8('a'), stream: 1 })).toEqual(Uint8Array.of(0x18, 1, 0x22, 1, 0x61));
  });
});
