import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { supportTable } from '../../../src/cli/support-table.ts';
import { docker } from '../../../src/cli/testing/fake-session.ts';
import { buildxConfig, isOfBuildx, whyNoRealDocker } from './real-docker.ts';

/** The help screens of docker 28.2.2 by command. Made anew by UPDATE_GOLDENS=1 where that client is. */
const goldenFile = new URL('./help-goldens.jsonl', import.meta.url);
const table = supportTable();
const paths = [...new Set(table.filter((entry) => entry.flag === '' && entry.level !== 'none').map((entry) => entry.command))].map((path) =>
  path.replace('docker ', ''),
);
const updates = process.env['UPDATE_GOLDENS'] === '1' && whyNoRealDocker() === null && buildxConfig !== undefined;
const goldens = new Map<string, string>(updates ? paths.map((path) => [path, realHelp(path)]) : readGoldens());
if (updates) writeFileSync(goldenFile, `${[...goldens].map((entry) => JSON.stringify(entry)).join('\n')}\n`);

function readGoldens(): [string, string][] {
  if (!existsSync(goldenFile)) return [];
  return readFileSync(goldenFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function realHelp(path: string): string {
  return execFileSync('docker', [...path.split(' '), '--help'], {
    encoding: 'utf8',
    env: { ...process.env, DOCKER_CONFIG: isOfBuildx(path) ? buildxConfig : '/nonexistent' },
  });
}

async function ourHelp(path: string): Promise<string> {
  const { stdout } = await docker(() => Promise.reject(new Error('help asks the daemon nothing')), [...path.split(' '), '--help']);
  return stdout;
}

/** Name, short form, type, and the words of the description, without the layout. */
function options(help: string): Map<string, string> {
  const block = help.split('\nOptions:\n')[1] ?? '';
  const found = new Map<string, string>();
  let name = '';
  for (const line of block.split('\n')) {
    name = /^ {2}(?:-\w, | {4})--([\w-]+)/.exec(line)?.[1] ?? name;
    if (name !== '') found.set(name, `${found.get(name) ?? ''} ${line.trim()}`.replaceAll(/\s+/g, ' ').trim());
  }
  return found;
}

describe('help screens are those of docker 28.2.2', () => {
  for (const path of paths) {
    it(`docker ${path} --help`, async () => {
      const real = goldens.get(path) ?? '';
      const ours = await ourHelp(path);
      const refused = table
        .filter((entry) => entry.command === `docker ${path}` && entry.level === 'none')
        .map((entry) => entry.flag.slice(2));
      if (refused.length === 0) return expect(ours).toBe(real);
      expect(ours.split('\nOptions:\n')[0]).toBe(real.split('\nOptions:\n')[0]);
      const expected = options(real);
      for (const flag of refused) expect(expected.delete(flag), `--${flag} is not a flag of docker ${path}`).toBe(true);
      expect(options(ours)).toEqual(expected);
    });
  }
});
