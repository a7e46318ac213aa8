/**
 * `npm run copy-sources:record -- SOCKET`: has buildx and a real Docker Engine build each case behind `FROM scratch`, and writes what was in the image.
 * Cases that are recorded already are kept; `--all` records them anew.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArchive, type ReadEntry } from '../../../src/base/testing/tar.ts';
import { describe, folder, readCases, readRecorded, readTree, type Place, type Recorded } from './read-cases.ts';

const [socket, all] = process.argv.slice(2);
if (socket === undefined) throw new Error('usage: npm run copy-sources:record -- SOCKET [--all]');
const scratch = mkdtempSync(join(tmpdir(), 'copy-sources-'));
const context = join(scratch, 'context');
const dockerfile = join(scratch, 'Dockerfile');
const archive = join(scratch, 'image.tar');

function makeTree(): void {
  mkdirSync(context);
  for (const { path, type, mode, target } of readTree()) {
    const place = join(context, path);
    if (type === 'directory') mkdirSync(place);
    else if (type === 'symlink') symlinkSync(target, place);
    else writeFileSync(place, path);
    if (type !== 'symlink') chmodSync(place, mode);
  }
}

function record(text: string): Recorded {
  writeFileSync(dockerfile, `FROM scratch\n${text}`);
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
  return { files: readArchive(readFileSync(archive)).map((entry) => describe(placeOf(entry), `${entry.uid}:${entry.gid}`)) };
}

function placeOf({ path, type, mode, link }: ReadEntry): Place {
  if (type !== 'file' && type !== 'directory' && type !== 'symlink') throw new Error(`${path} is a ${type}`);
  return { path: path.replace(/\/$/, ''), type, mode, target: link };
}

function errorOf(said: string): string {
  return said
    .slice(said.lastIndexOf('ERROR: ') + 'ERROR: '.length)
    .trim()
    .replace('failed to build: failed to solve: ', '')
    .replace(/of ref \S+:/, 'of ref ID:')
    .replace(/\/\S*\/overlay2\/[^/ ]+\/merged/, 'ROOT');
}

const before = readRecorded();
const recorded: Record<string, Recorded> = {};
makeTree();
for (const { name, text } of readCases()) recorded[name] = (all === '--all' ? undefined : before.get(name)) ?? record(text);
writeFileSync(join(folder, 'recorded.json'), `${JSON.stringify(recorded, null, 1)}\n`);
rmSync(scratch, { recursive: true });
