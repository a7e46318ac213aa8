import { readdirSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { apiSupport } from '../../src/api/support.ts';
import { testClient } from './client.ts';

const parameterSchema = z.looseObject({ name: z.string(), in: z.string() });
const swaggerSchema = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ parameters: z.array(parameterSchema).optional() }))),
});
const file = new URL('engine-api-v1.50.yaml', import.meta.url);
const { paths } = swaggerSchema.parse(load(readFileSync(file, 'utf8')));
/** The file's operations with the names of what is in a query or a header. */
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { parameters = [] }]) => {
    const names = parameters.filter((parameter) => ['query', 'header'].includes(parameter.in)).map(({ name }) => name);
    return { operation: `${method.toUpperCase()} ${path}`, names };
  }),
);

const folder = new URL('../../src/api/', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'support.ts')
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

describe('the support of the API', () => {
  test('is told of every operation of the Swagger file and of every parameter, and of no other', () => {
    const told = [...apiSupport].map(([operation, { parameters }]) => [operation, Object.keys(parameters).sort()]);
    const wanted = operations.map(({ operation, names }) => [operation, names.toSorted()]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(wanted));
  });

  test('says how far or why not of all that is not full', () => {
    const levels = [...apiSupport].flatMap(([operation, { parameters, ...route }]) => [
      [operation, route] as const,
      ...Object.entries(parameters).map(([name, support]) => [`${operation} ${name}`, support] as const),
    ]);
    expect(levels.filter(([, { level, note }]) => (note === '') !== (level === 'full')).map(([name]) => name)).toEqual([]);
  });

  test('is the same where the route stands', () => {
    const tags = sources.flatMap((source) => [...source.matchAll(/@docker rest "((?:GET|HEAD|POST|PUT|DELETE) [^",]+)" (\w+)/g)]);
    expect(tags.length).toBeGreaterThan(60);
    const differing = tags.filter(([, operation = '', level]) => apiSupport.get(operation)?.level !== level);
    expect(differing.map(([text]) => text)).toEqual([]);
    const tagged = new Set(tags.map(([, operation]) => operation));
    const untagged = [...apiSupport].filter(([operation, { level }]) => level !== 'none' && !tagged.has(operation));
    expect(untagged.map(([operation]) => operation)).toEqual([]);
  });

  test('is not claimed of a parameter that no source reads', () => {
    // Headers' names are in lower case.
    const isRead = (name: string): boolean =>
      [name, name.toLowerCase()].some((each) => sources.some((source) => source.includes(`'${each}'`)));
    const unread = [...apiSupport].flatMap(([operation, { parameters }]) =>
      Object.entries(parameters)
        .filter(([name, { level }]) => level === 'full' && !isRead(name))
        .map(([name]) => `${operation} ${name}`),
    );
    expect(unread).toEqual([]);
  });

  const { call } = testClient();
  test.each([...apiSupport].filter(([, { level }]) => level === 'none').map(([operation]) => operation))(
    'is refused in words where it is none: %s',
    async (operation) => {
      const [method = '', path = ''] = operation.split(' ');
      const answer = await call(method, path.replaceAll(/\{\w+\}/g, 'none'));
      expect([501, 503]).toContain(answer.status);
      expect(answer.text).not.toContain('page not found');
    },
  );
});
