import { readdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { build } from 'vite';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { english } from '../catalogue/en.ts';
import { locales } from '../catalogue/catalogue.ts';
import { createMemory, evaluate } from '../check/evaluate.ts';
import { predicate } from '../format/predicate.ts';
import { sceneFact } from '../testing/facts.ts';
import { leafNames, predicates, type LeafName, type Matches } from './registry.ts';
import { leafShape } from './schemas.ts';

const tables = ['registry', 'schemas'];
const files = readdirSync(import.meta.dirname)
  .filter((name) => !name.endsWith('.test.ts'))
  .map((name) => basename(name, '.ts'))
  .filter((name) => !tables.includes(name));

/** As little as a tutorial can write. */
const least: { readonly [K in LeafName]: Matches[K] } = {
  container: { name: 'web' },
  image: { name: 'nginx' },
  network: { name: 'bridge' },
  volume: { name: 'data' },
  count: { container: {}, 'at-least': 1 },
  file: { in: 'guest', path: '/a' },
  kernel: { of: 'container:web', comm: 'sh' },
  processes: { of: 'web', count: 1 },
  http: { port: 8080 },
  process: { comm: 'sh' },
  mount: { at: '/lab' },
  event: { type: 'container', action: 'start' },
  request: { method: 'GET', path: '/version' },
  lookup: { by: 'api', name: 'db' },
  exec: { argv: ['ls'] },
  answer: { equals: { container: 'web', field: 'pid' } },
};

test('every file of this folder is a predicate that is registered with its schema, and nothing else is', () => {
  expect(leafNames.toSorted()).toEqual(files.toSorted());
  expect(Object.keys(leafShape()).toSorted()).toEqual(files.toSorted());
});

describe.each(leafNames)('%s', (name) => {
  test('is documented, itself and every field', () => {
    const { description, properties, required, additionalProperties } = z.toJSONSchema(leafShape()[name], {
      io: 'input',
      reused: 'inline',
    });
    expect(description).toMatch(/\.$/);
    expect(additionalProperties).toBe(false);
    expect(Object.keys(properties ?? {}).length, String(required)).toBeGreaterThan(0);
    for (const [field, about] of Object.entries(properties ?? {}))
      expect(typeof about === 'object' ? about.description : undefined, field).toMatch(/\S/);
  });

  test.each(locales)('says in %s what it wants and what is missing, and nothing of commands', async (locale) => {
    const tools = { memory: createMemory(), catalogue: { ...english, locale } };
    const { ok, leaves } = await evaluate(predicate().parse({ [name]: least[name] }), sceneFact(), tools);
    const [leaf] = leaves;
    expect(ok).toBe(false);
    expect(leaf).toMatchObject({ predicate: name, ok: false });
    expect(leaf?.sentence).toMatch(/\.$/);
    for (const words of [leaf?.sentence, leaf?.expected, leaf?.actual]) expect(words).toMatch(/\S/);
    expect(leaf?.sentence).not.toMatch(/undefined|\[object|\bdocker /);
  });
});

test('what is asked for too much is refused, and two predicates in one', () => {
  expect(predicate().safeParse({ container: { nmae: 'web' } }).success).toBe(false);
  expect(predicate().safeParse({ container: {}, image: {} }).success).toBe(false);
  expect(predicate().safeParse({}).success).toBe(false);
  expect(Object.keys(predicates)).not.toContain('toString');
});

test('who checks facts loads no zod, no YAML and no Markdown', async () => {
  const root = resolve(import.meta.dirname, '../../..');
  const result = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: { write: false, minify: false, lib: { entry: resolve(root, 'src/tutorial/index.ts'), formats: ['es'] } },
  });
  const outputs = Array.isArray(result) ? result.flatMap(({ output }) => output) : 'output' in result ? result.output : [];
  const modules = outputs.flatMap((chunk) =>
    chunk.type === 'chunk' ? Object.entries(chunk.modules).flatMap(([id, { renderedLength }]) => (renderedLength > 0 ? [id] : [])) : [],
  );
  expect(modules.some((id) => id.endsWith('/predicates/container.ts'))).toBe(true);
  expect(modules.filter((id) => /node_modules\/(zod|yaml|marked)\//.test(id))).toEqual([]);
});
