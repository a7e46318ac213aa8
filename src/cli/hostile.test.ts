/** What comes from an engine, a file or a typist costs each parser of the client no more than n log n, counted in its own steps. */
import { describe, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import type { Steps } from '../base/steps.ts';
import { sourceOf, type ByteSource } from '../base/streams.ts';
import { expectNearLinear, growingTexts } from '../base/testing/growth.ts';
import { demultiplex } from './client/demultiplex.ts';
import { parseDetachKeys, watchDetachKeys } from '../grammar/detach-keys.ts';
import { jsonValues } from './client/engine-client.ts';
import { parseDuration } from '../grammar/duration.ts';
import { parseLines } from './flags/environment.ts';
import { filterFlag } from './flags/filters.ts';
import { FlagSet } from './flags/flag-set.ts';
import { parseMount } from './flags/mounts.ts';
import { parseNetwork } from './flags/networks.ts';
import { parseRamBytes } from '../grammar/units.ts';
import { parsePorts } from './flags/ports.ts';
import { full } from './flags/support.ts';
import { alignTabs, tableTabs } from './format/tabwriter.ts';
import { parseJson } from './json.ts';
import { parseReference } from '../grammar/reference.ts';

/** In pieces of a few bytes, as a network may deliver them. */
function inPieces(text: string): ByteSource {
  const bytes = utf8(text);
  const size = Math.max(1, Math.floor(bytes.length / 500));
  return sourceOf(...Array.from({ length: Math.ceil(bytes.length / size) }, (_none, at) => bytes.slice(at * size, (at + 1) * size)));
}

async function drain(values: AsyncIterable<unknown>): Promise<void> {
  for await (const value of values) void value;
}

const nowhere = { write: () => Promise.resolve(), close: () => Promise.resolve(), abort: () => undefined };

function someFlags(): FlagSet {
  const flags = new FlagSet();
  flags.bool('quiet', 'q', '', full);
  flags.list('env', 'e', '', full);
  flags.map('annotation', '', full);
  filterFlag(flags);
  return flags;
}

const parsers: readonly (readonly [string, readonly string[], (text: string, steps: Steps) => unknown])[] = [
  ['JSON of an answer', ['{', '}', '[', ']', '"', '\\', '"a"', ':', ',', '1', '-', '.', 'e9', ' ', 'null', '[1,', '{"a":'], parseJson],
  [
    'a stream of JSON',
    ['{', '}', '"', '\n', '1', '[', ']', ' ', '{"a":1}\n', '1\n'],
    (text, steps) => drain(jsonValues(inPieces(text), steps)),
  ],
  [
    'the frames of attach, exec and logs',
    ['\0', '\x01', '\x02', '\x03', '\x01\0\0\0\0\0\0\x01x', '\x02\0\0\0\0\0\0\0', '\x03\0\0\0\xff\xff\xff\xff', 'a'],
    (text, steps) => demultiplex(inPieces(text), nowhere, nowhere, steps),
  ],
  [
    'flags',
    ['-', '-q', '-e', '--env', '--env=', 'a', '=', ' ', '--', '--annotation ', '-f a=b ', '-qqqq'],
    (text, steps) => someFlags().parse(text.split(' '), true, steps),
  ],
  ['a reference', ['a', 'A', '.', '-', '_', '/', ':', '@', 'sha256:', 'localhost/', '__', '[', ']', '0'], parseReference],
  ['a mount', ['type=bind', ',', '"', '""', '=', 'volume-label=a', 'volume-opt=a=b', 'dst=/a', 'readonly'], parseMount],
  [
    'a network',
    ['name=a', ',', '"', '=', 'alias=b', 'driver-opt=a=b', 'link-local-ip=1', ' '],
    (text, steps) => parseNetwork(`name=a,${text}`, steps),
  ],
  [
    'ports',
    ['1', ':', '-', '/', 'tcp', ',', '=', 'published=1', '[', ']', '1-2:', ' '],
    (text, steps) => parsePorts(text.split(' '), text.split(' '), steps),
  ],
  ['an env file', ['A', '=', '\n', ' ', '\t', '#', '\r', '\ufeff', 'A=b\n', 'A\n'], (text, steps) => parseLines('f', text, steps)],
  ['a duration', ['1', '.', 'h', 'm', 's', 'ns', 'µs', '-', '1h', '1.5m'], (text, steps) => parseDuration(`1s${text}`, steps)],
  ['a size', ['1', '.', ' ', 'k', 'iB', 'x', '-', '1k', '_'], (text, steps) => parseRamBytes(`${text}b`, steps)],
  ['detach keys', ['a', ',', 'ctrl-', 'ctrl-a,', '^'], parseDetachKeys],
  [
    'what is typed, for its detach keys',
    ['a', 'b', 'aa', 'ab'],
    (text, steps) => watchDetachKeys(Uint8Array.of(...utf8(text.slice(0, text.length / 2)), 0)).push(utf8(text), steps),
  ],
  ['the cells of a table', ['a', '\t', '\n', 'a\t', 'a\n', '\t\n', 'aaaa'], (text, steps) => alignTabs(text, tableTabs, steps)],
];

describe('steps near the length of what is hostile', () => {
  for (const [name, pieces, parse] of parsers) it(name, () => expectNearLinear(growingTexts(pieces), parse));
});
