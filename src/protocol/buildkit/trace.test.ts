import { expect, test } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { decodeTrace, encodeTrace, type TraceMessage } from './trace.ts';

const digest = 'sha256:954dec498f3c6d0c7755b5e7f1c271f9ddcb87051582355973b9bacf03194682';

test.each<TraceMessage>([
  { kind: 'vertex', digest, inputs: ['a', 'b'], name: 'RUN x', started: 5n, completed: 3_000_000_001n, cached: true, error: 'no' },
  { kind: 'vertex', digest, inputs: [], name: 'RUN x', started: null, completed: null, cached: false, error: '' },
  { kind: 'status', vertex: digest, id: 'x', current: 3, total: 2 ** 40, started: 1n, timestamp: 2n, completed: null },
  { kind: 'log', vertex: digest, stream: 'stderr', data: Uint8Array.of(0, 255), timestamp: 9n },
  {
    kind: 'warning',
    vertex: digest,
    short: 'short',
    detail: ['one', 'two'],
    url: 'https://www.example.org/',
    filename: 'Dockerfile',
    source: utf8('FROM x'),
    ranges: [{ start: 1, end: 2 }],
  },
])('a $kind comes back as it was', (message) => {
  expect(decodeTrace(encodeTrace(message))).toEqual([message]);
});
