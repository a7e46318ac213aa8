/** Reads .deb archives (deb(5)) through dpkg-deb; maintainer scripts are never run. */
import { readFileSync } from 'node:fs';
import { run } from './run.ts';
import { sha256 } from './digest.ts';
import { type LockedPackage } from './lock.ts';
import { normalisePath, readTar, toEntry } from './tar-read.ts';
import { type Tree } from './tree.ts';

export interface DebianPackage {
  readonly locked: LockedPackage;
  /** The control stanza as the archive has it. */
  readonly control: string;
  readonly contents: Tree;
}

function field(control: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1];
}

function requireField(control: string, name: string): string {
  const value = field(control, name);
  if (value === undefined) throw new Error(`control file without ${name}`);
  return value;
}

/** `Source: foo (1.2)` names the source's own version only when it differs from the binary's. */
function readSource(control: string): { source: string; sourceVersion: string } {
  const version = requireField(control, 'Version');
  const match = /^(\S+)(?: \((.+)\))?$/.exec(field(control, 'Source') ?? requireField(control, 'Package'));
  return { source: match?.[1] ?? '', sourceVersion: match?.[2] ?? version.replace(/\+b\d+$/, '') };
}

export function readPackage(path: string): DebianPackage {
  const archive = readFileSync(path);
  const control = run('dpkg-deb', ['--ctrl-tarfile', path]);
  const stanza = [...readTar(control)].find((entry) => normalisePath(entry.name) === 'control')?.data.toString('utf8');
  if (stanza === undefined) throw new Error('package without a control file');
  const contents: Tree = new Map();
  for (const entry of readTar(run('dpkg-deb', ['--fsys-tarfile', path]))) {
    const inside = normalisePath(entry.name);
    if (inside !== '') contents.set(inside, toEntry(entry));
  }
  const locked = {
    name: requireField(stanza, 'Package'),
    version: requireField(stanza, 'Version'),
    architecture: requireField(stanza, 'Architecture'),
    size: archive.length,
    sha256: sha256(archive),
    ...readSource(stanza),
  };
  return { locked, control: stanza, contents };
}
