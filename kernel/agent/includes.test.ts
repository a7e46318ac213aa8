import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const folder = import.meta.dirname;

/** Lower ones first: a folder includes itself and what stands before it. */
const folders = ['base', 'files', 'wire', 'loop', 'network', 'container', 'idle', 'launch', 'process', 'docker', 'runc', 'verbs', '.'];

/** A header and its source are one module, named without the ending. */
const moduleOf = (path: string): string => path.replace(/\.[ch]$/, '');

function readIncludes(): Map<string, Set<string>> {
  const includes = new Map<string, Set<string>>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.[ch]$/.test(path) || path.startsWith('test/')) continue;
    const from = includes.get(moduleOf(path)) ?? new Set();
    includes.set(moduleOf(path), from);
    for (const [, header = ''] of readFileSync(join(folder, path), 'utf8').matchAll(/^#include "(.*)"$/gm))
      if (moduleOf(header) !== moduleOf(path)) from.add(moduleOf(header));
  }
  return includes;
}

/** The modules of a circle, the first one again at its end; empty where there is none. */
function findCycle(includes: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const done = new Set<string>();
  const visit = (module: string, path: readonly string[]): string[] => {
    if (path.includes(module)) return [...path.slice(path.indexOf(module)), module];
    if (done.has(module)) return [];
    for (const next of includes.get(module) ?? []) {
      const cycle = visit(next, [...path, module]);
      if (cycle.length > 0) return cycle;
    }
    done.add(module);
    return [];
  };
  for (const module of includes.keys()) {
    const cycle = visit(module, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

test('a circle of includes is found', () => {
  const circle = new Map([
    ['wire/channel', new Set(['base/fail', 'wire/stream'])],
    ['wire/stream', new Set(['wire/request'])],
    ['wire/request', new Set(['wire/channel'])],
  ]);
  expect(findCycle(circle)).toEqual(['wire/channel', 'wire/stream', 'wire/request', 'wire/channel']);
});

test('no module of the agent includes itself by way of others', () => {
  const includes = readIncludes();
  expect(includes.size).toBeGreaterThan(60);
  expect(findCycle(includes)).toEqual([]);
});

test('a folder of the agent includes only folders below it', () => {
  const upwards: string[] = [];
  for (const [module, included] of readIncludes())
    for (const other of included) {
      const [from, to] = [folders.indexOf(dirname(module)), folders.indexOf(dirname(other))];
      if (from < 0 || to < 0 || to > from) upwards.push(`${module} -> ${other}`);
    }
  expect(upwards).toEqual([]);
});
