/**
 * `npm run dockerignore:record -- SOCKET`: has buildx and a real Docker Engine build `FROM scratch`, `COPY . /` of the tree with each .dockerignore, and
 * writes what is missing in the image. Cases that are recorded already are kept; `--all` records them anew.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchive } from '../../../src/base/testing/tar.ts';
import { folder, readCases, readRecorded, readTree, type Case, type Recorded } from './read-cases.ts';

const [socket, all] = process.argv.slice(2);
if (socket === undefined) throw new Error('usage: npm run dockerignore:record -- SOCKET [--all]');
const scratch = mkdtempSync(join(tmpdir(), 'dockerignore-'));
const context = join(scratch, 'context');
const dockerfile = join(scratch, 'Dockerfile');
const archive = join(scratch, 'image.tar');
const tree = readTree();

function makeTree(): void {
  mkdirSync(context);
  for (const { path, type, target } of tree) {
    const place = join(context, path);
    if (type === 'directory') mkdirSync(place);
    else if (type === 'symlink') symlinkSync(target, place);
    else writeFileSync(place, path);
  }
  writeFileSync(dockerfile, 'FROM scratch\nCOPY . /\n');
}

function record({ text, isBesideDockerfile }: Case): Recorded {
  writeFileSync(join(context, '.dockerignore'), isBesideDockerfile ? '*\n' : text);
  rmSync(`${dockerfile}.dockerignore`, { force: true });
  if (isBesideDockerfile) writeFileSync(`${dockerfile}.dockerignore`, text);
  const words = [
    '-H',
    `unix://${socket ?? ''}`,
    'buildx',
    'build',
    '--progress=plain',
    '-f',
    dockerfile,
    '-o',
    `type=tar,dest=${archive}`,
    context,
  ];
  const { status, stderr } = spawnSync('docker', words, { encoding: 'utf8' });
  if (status !== 0) return { error: errorOf(stderr) };
  const found = new Set(readArchive(readFileSync(archive)).map(({ path }) => path.replace(/\/$/, '')));
  return { missing: tree.map(({ path }) => path).filter((path) => !found.has(path)) };
}

function errorOf(said: string): string {
  return said
    .slice(said.lastIndexOf('ERROR: ') + 'ERROR: '.length)
    .trim()
    .replace('failed to build: failed to solve: ', '');
}

const before = readRecorded();
const recorded: Record<string, Recorded> = {};
makeTree();
for (const each of readCases()) recorded[each.name] = (all === '--all' ? undefined : before.get(each.name)) ?? record(each);
writeFileSync(join(folder, 'recorded.json'), `${JSON.stringify(recorded, null, 1)}\n`);
rmSync(scratch, { recursive: true });
