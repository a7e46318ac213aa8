import { expect, test } from 'vitest';
import { toAppError } from '../../../src/base/errors.ts';
import { findIgnoreFile, readIgnoreFile } from '../../../src/grammar/dockerignore/ignore-file.ts';
import { IgnoreWalk } from '../../../src/grammar/dockerignore/left-out.ts';
import { pathPatterns } from '../../../src/grammar/dockerignore/path-patterns.ts';
import { readCases, readRecorded, readTree, type Case, type Recorded } from './read-cases.ts';

const recorded = readRecorded();
const cases = readCases().map((each) => ({ ...each, said: recorded.get(each.name) }));
const tree = readTree();

async function build({ text, isBesideDockerfile }: Case): Promise<Recorded> {
  const beside = new Map(isBesideDockerfile ? [['Dockerfile.dockerignore', text]] : []);
  const context = new Map([['.dockerignore', isBesideDockerfile ? '*' : text]]);
  const read = (files: ReadonlyMap<string, string>) => (name: string) => Promise.resolve(files.get(name) ?? null);
  const file = await findIgnoreFile('Dockerfile', read(beside), read(context));
  try {
    const walk = new IgnoreWalk(await pathPatterns(file === null ? [] : readIgnoreFile(file)));
    return { missing: missingOf(walk) };
  } catch (thrown) {
    return { error: toAppError(thrown).message };
  }
}

function missingOf(walk: IgnoreWalk): string[] {
  const taken = new Set<string>();
  let skipped = '\0';
  for (const { path, type } of tree) {
    if (path.startsWith(skipped)) continue;
    const admission = walk.visit(path, type === 'directory');
    if (admission.kind === 'skipped') skipped = `${path}/`;
    else if (admission.kind === 'taken') for (const each of [...admission.parents, path]) taken.add(each);
  }
  return tree.map(({ path }) => path).filter((path) => !taken.has(path));
}

test('every case was recorded, under a name of its own', () => {
  expect(cases.filter(({ said }) => said === undefined)).toEqual([]);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test.each(cases)('buildx leaves the same out: $name', async ({ said, ...each }) => {
  expect(await build(each)).toEqual(said);
});
