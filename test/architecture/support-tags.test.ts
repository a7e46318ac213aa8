import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const folder = resolve(import.meta.dirname, '../../src/api/routes');

interface RouteCall {
  readonly where: string;
  readonly route: string;
  readonly tags: readonly string[];
}

/** Every `route('METHOD', '/path', …)` with the tags that stand between it and the call before. */
function routeCalls(): RouteCall[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  return files.flatMap((name) => {
    const calls: RouteCall[] = [];
    let tags: string[] = [];
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      const tag = /@docker rest "([^"]+)" (full|partial|none)/.exec(line);
      if (tag?.[1] !== undefined) tags.push(tag[1]);
      const call = /\broute\('([A-Z]+)', '([^']+)'/.exec(line);
      if (call === null) continue;
      calls.push({ where: name, route: `${call[1]} ${call[2]}`, tags });
      tags = [];
    }
    return calls;
  });
}

test('every route says by a tag how far it is honoured', () => {
  const calls = routeCalls();
  expect(calls.length).toBeGreaterThan(40);
  const untagged = calls.filter(({ where, route, tags }) => {
    const named = tags.includes(route);
    // One tag may stand for a family of routes that are all absent.
    return !named && where !== 'absent.ts';
  });
  expect(untagged.map(({ where, route }) => `${where}: ${route}`)).toEqual([]);
});
