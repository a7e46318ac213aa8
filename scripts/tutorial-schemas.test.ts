import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readTutorialFiles } from './tutorials-plugin.ts';
import { schemaFiles, schemaFolder } from './tutorial-schemas.ts';

const files = readTutorialFiles();
const texts = (pattern: RegExp): [string, string][] => Object.entries(files).filter(([path]) => pattern.test(path));
const schemaOf = (name: string): ValidateFunction =>
  new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(JSON.parse(schemaFiles()[`${name}.schema.json`] ?? ''));

test('the schemas for editors are those of the format (npx tsx scripts/tutorial-schemas.ts writes them)', () => {
  for (const [name, text] of Object.entries(schemaFiles())) expect(readFileSync(join(schemaFolder, name), 'utf8'), name).toBe(text);
});

describe.each([
  ['tutorial', /\/tutorial\.yaml$/],
  ['step', /\/steps\/[^/]+\.md$/],
  ['trials', /\.trials\.yaml$/],
] as const)('the schema of a %s file', (name, pattern) => {
  const accepts = schemaOf(name);
  const parsed = texts(pattern).map(([path, text]) => [path, parse(text.split(/^---$/m)[name === 'step' ? 1 : 0] ?? '')] as const);

  test('accepts what there is', () => {
    expect(parsed.length).toBeGreaterThan(1);
    for (const [path, value] of parsed) expect(accepts(value) ? [] : accepts.errors, path).toEqual([]);
  });

  test('refuses an unknown key, at the top and inside', () => {
    const [, value] = parsed[0] ?? [];
    expect(accepts({ ...value, unknown: 1 })).toBe(false);
    const inside = {
      tutorial: { setup: [{ pul: 'busybox' }] },
      step: { check: { contaner: {} } },
      trials: { reject: { a: { rum: ['true'] } } },
    };
    expect(accepts({ ...value, ...inside[name] })).toBe(false);
  });
});

test.each([
  ['tutorial', /\/tutorial\.yaml$/],
  ['trials', /\.trials\.yaml$/],
] as const)('every %s file says in its first line where its schema is', (name, pattern) => {
  for (const [path, text] of texts(pattern)) {
    const said = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text)?.[1] ?? '(nothing)';
    expect(normalize(join(dirname(path), said)), path).toBe(`tutorials/schema/${name}.schema.json`);
  }
});
