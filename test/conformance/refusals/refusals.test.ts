import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { differences, reasonOf } from './differences.ts';
import { askOurs } from './ours.ts';

/** Lines in pairs: the request, and the answer as JSON. */
function recorded(): ReadonlyMap<string, string> {
  const lines = readFileSync(new URL('./recorded.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  const answers = new Map<string, string>();
  for (let at = 0; at + 1 < lines.length; at += 2) answers.set(lines[at] ?? '', z.string().parse(JSON.parse(lines[at + 1] ?? '')));
  return answers;
}

test('what is wrong with a request is answered as a real Docker answers it, or differs for a reason that is written down', async () => {
  const real = recorded();
  const ours = await askOurs();
  expect([...ours.keys()]).toEqual([...real.keys()]);
  const used = new Set<string>();
  const wrong: { readonly request: string; readonly real: string; readonly ours: string }[] = [];
  for (const [request, answer] of ours) {
    const theirs = real.get(request) ?? '';
    if (answer === theirs) continue;
    const why = reasonOf(request, theirs, answer);
    if (why === undefined) wrong.push({ request, real: theirs, ours: answer });
    else used.add(why);
  }
  expect(wrong).toEqual([]);
  expect([...used].sort()).toEqual(differences.map(({ why }) => why).sort());
});
