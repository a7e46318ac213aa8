/** Fetches packages with the system's own apt sources, but in a private state folder: no root and no foreign architecture set up. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './digest.ts';
import { type LockedPackage } from './lock.ts';
import { run } from './run.ts';

export interface Apt {
  /** Where the .deb files are kept between builds. */
  readonly archives: string;
  readonly config: string;
}

export function openApt(folder: string): Apt {
  const archives = join(folder, 'archives');
  for (const path of [archives, join(folder, 'state/lists/partial'), join(folder, 'cache/archives/partial')])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  const config = join(folder, 'apt.conf');
  const lines = [
    'APT::Architecture "i386";',
    'APT::Architectures { "i386"; };',
    `Dir::State "${join(folder, 'state')}/";`,
    `Dir::State::status "${join(folder, 'status')}";`,
    `Dir::Cache "${join(folder, 'cache')}/";`,
    'Acquire::Languages "none";',
    'APT::Sandbox::User "";',
  ];
  writeFileSync(config, lines.join('\n') + '\n');
  return { archives, config };
}

function aptGet(apt: Apt, args: readonly string[], cwd = apt.archives): void {
  run('apt-get', ['-q', ...args], { cwd, env: { APT_CONFIG: apt.config, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** A mirror in the middle of a sync fails one index of several; what matters is whether the packages can then be had. */
function updateIndexes(apt: Apt): void {
  try {
    aptGet(apt, ['update']);
  } catch (error) {
    console.warn(`images: some package indexes could not be fetched, going on with the others\n${String(error)}`);
  }
}

function archiveName(locked: LockedPackage): string {
  return `${locked.name}_${locked.version.replace(':', '%3a')}_${locked.architecture}.deb`;
}

function verifiedPath(apt: Apt, locked: LockedPackage): string {
  const path = join(apt.archives, archiveName(locked));
  if (!existsSync(path)) throw new Error(`${archiveName(locked)}: apt did not deliver it`);
  if (sha256(readFileSync(path)) !== locked.sha256) throw new Error(`${path}: is not the archive the lock names (sha256 ${locked.sha256})`);
  return path;
}

/** The paths of the archives of the locked packages, each verified against the lock's SHA-256. */
export function fetchLocked(apt: Apt, packages: readonly LockedPackage[]): Map<string, string> {
  const missing = packages.filter((locked) => !existsSync(join(apt.archives, archiveName(locked))));
  if (missing.length > 0) {
    updateIndexes(apt);
    aptGet(apt, ['download', ...missing.map((locked) => `${locked.name}=${locked.version}`)]);
  }
  return new Map(packages.map((locked) => [locked.name, verifiedPath(apt, locked)]));
}

/** Fetches the newest version of each package and returns its archive's path; apt checks each archive against Debian's signed index. */
export function fetchNewest(apt: Apt, names: readonly string[]): Map<string, string> {
  updateIndexes(apt);
  const incoming = join(apt.archives, '..', 'incoming');
  mkdirSync(incoming, { recursive: true });
  aptGet(apt, ['download', ...names], incoming);
  const found = new Map<string, string>();
  for (const file of readdirSync(incoming)) {
    renameSync(join(incoming, file), join(apt.archives, file));
    found.set(file.slice(0, file.indexOf('_')), join(apt.archives, file));
  }
  const lost = names.filter((name) => !found.has(name));
  if (lost.length > 0) throw new Error(`apt did not deliver ${lost.join(', ')}`);
  return found;
}
