import { describe, expect, test } from 'vitest';
import { toAppError } from '../../../src/base/errors.ts';
import { applyChanges } from '../../../src/engine/images/changes/changes.ts';
import { isMetadata } from '../../../src/engine/images/changes/apply.ts';
import { readDockerfile, type Dockerfile } from '../../../src/grammar/dockerfile/stages.ts';
import { containerConfigSchema } from '../../../src/protocol/engine-api.ts';
import { readCases, readRecorded } from './read-cases.ts';

const recorded = readRecorded();
const cases = readCases().map((each) => ({ ...each, said: recorded.get(each.name) ?? {} }));

/** What BuildKit says while it reads a file; what it says later is about values, images and files. */
const reading =
  /^(dockerfile parse error|file with no instructions|no build stage|dockerfile contains no stages|only one |invalid escape token|unterminated heredoc|Syntax error|\w+ must have two arguments|when using JSON array)/;

/** Dockerfile 1.20 knows the flag; Docker 28.5 has an older one in it. */
const newer = new Set(['COPY of parents without the flag']);

function read(text: string): { readonly file: Dockerfile } | { readonly error: string; readonly line: unknown } {
  try {
    return { file: readDockerfile(text) };
  } catch (thrown) {
    const { message, detail } = toAppError(thrown);
    return { error: message, line: detail.line };
  }
}

test('every case was recorded', () => {
  expect(cases.filter(({ said }) => said.error === undefined && said.config === undefined).map(({ name }) => name)).toEqual([]);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

describe('a Dockerfile that BuildKit does not read is refused in its words, at its line', () => {
  test.each(cases.filter(({ name, said }) => reading.test(said.error ?? '') && !newer.has(name)))('$name', ({ text, said }) => {
    const found = read(text);
    expect(found).toMatchObject({ error: said.error });
    // It points at the line before a second directive.
    if (said.lines !== undefined && !/^only one/.test(said.error ?? ''))
      expect(said.lines).toContain('line' in found ? found.line : undefined);
  });
});

describe('a Dockerfile that BuildKit reads is read', () => {
  test.each(cases.filter(({ name, said }) => !reading.test(said.error ?? '') || newer.has(name)))('$name', ({ text }) => {
    expect(read(text)).toHaveProperty('file');
  });
});

/** One stage on busybox, and nothing but instructions that write into the configuration. */
function metadataOf(text: string): string | null {
  const found = read(text);
  if ('error' in found) return null;
  const { stages, globals, directives } = found.file;
  const [stage] = stages;
  if (directives.check !== null || stage?.from.platform !== '' || stages.length > 1 || globals.length > 0 || stage.from.image !== 'busybox')
    return null;
  if (!stage.instructions.every(({ name, node }) => isMetadata(name) && node.heredocs.length === 0)) return null;
  const lines = text.split('\n').map((line) => (/^\ufeff?\s*FROM\s/i.test(line) ? '' : line));
  return directives.escape === '`' ? null : lines.join('\n');
}

const base = {
  Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  Cmd: ['sh'],
};
const fields = [
  'Env',
  'Cmd',
  'Entrypoint',
  'Labels',
  'ExposedPorts',
  'Volumes',
  'User',
  'WorkingDir',
  'StopSignal',
  'OnBuild',
  'Healthcheck',
];

/** A build does these otherwise than `--change` of commit and import, which is an older code in Docker, too. */
const otherwise = new Map([
  ['EXPOSE bad', 'other letters'],
  ['EXPOSE bad protocol', 'other words'],
  ['EXPOSE too big', 'other letters'],
  ['EXPOSE range backwards', 'other letters'],
  ['EXPOSE a mapping', 'a build warns'],
  ['EXPOSE an address', 'a build warns'],
  ['CMD nothing', 'a build runs an empty line'],
  ['blanks from a variable part ports', 'other letters'],
  ['EXPOSE of several bad kinds', 'a build reads mappings'],
  ['EXPOSE ranges of other lengths', 'a build reads mappings'],
  ['ENV by an empty name', 'a build takes it'],
]);

describe('what it says of an image is in its configuration, or refused', () => {
  const metadata = cases.flatMap((each) => {
    const text = metadataOf(each.text);
    return text === null || otherwise.has(each.name) || each.options.length > 0 ? [] : [{ ...each, text }];
  });

  test('many cases are of that kind', () => expect(metadata.length).toBeGreaterThan(60));

  test.each(metadata)('$name', ({ text, said }) => {
    const config = containerConfigSchema.parse(base);
    const apply = (): unknown => applyChanges(config, text.trim() === '' ? [] : [text]);
    if (said.config === undefined) expect(apply).toThrow(said.error);
    else {
      const applied = new Map(Object.entries(apply() as Record<string, unknown>));
      for (const field of fields) expect([field, blank(applied.get(field))]).toEqual([field, blank(said.config[field])]);
    }
  });
});

/** Nothing, in whatever way it is said; a list of ports and the like in one order. */
function blank(value: unknown): unknown {
  if (value === undefined || value === null || value === '') return null;
  const isEmpty = typeof value === 'object' && Object.keys(value).length === 0;
  return isEmpty ? null : value;
}
