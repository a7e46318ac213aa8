/**
 * Debian's crun for i386, for the comparison in the guest: crun-i386.ts fetches it with the system's apt sources, without root, into
 * .cache/crun-i386. (Debian's packages of two architectures cannot be installed side by side, so it is unpacked only.)
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fetchNewest, openApt } from '../../images/builder/apt.ts';
import { run } from '../../images/builder/run.ts';
import type { TreeNode } from '../../src/base/file-tree.ts';
import type { TreeMaker } from '../integration/machine/trees.ts';

const packages = [
  ...['crun', 'libc6', 'libcap2', 'libgcrypt20', 'libgpg-error0', 'liblz4-1', 'liblzma5', 'libseccomp2', 'libsystemd0', 'libyajl2'],
  'libzstd1',
];
const cache = join(import.meta.dirname, '../../.cache');
const root = join(cache, 'crun-i386');

export const crunIsThere = existsSync(join(root, 'usr/bin/crun'));

/** The unpacked packages as a directory to serve to the guest. */
export function crunDirectory(make: TreeMaker, folder = root): TreeNode {
  const children = readdirSync(folder).map((name): [string, TreeNode] => {
    const path = join(folder, name);
    const facts = lstatSync(path);
    if (facts.isDirectory()) return [name, crunDirectory(make, path)];
    if (facts.isSymbolicLink()) return [name, make.symlink(readlinkSync(path))];
    return [name, make.file(name, readFileSync(path), { mode: facts.mode })];
  });
  return make.directory(Object.fromEntries(children));
}

function fetchCrun(): void {
  const fresh = `${root}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const archives = fetchNewest(openApt(join(cache, 'apt-i386')), packages);
  for (const archive of archives.values()) run('dpkg-deb', ['-x', archive, fresh]);
  rmSync(root, { recursive: true, force: true });
  renameSync(fresh, root);
}

if (process.argv[1] === import.meta.filename) fetchCrun();
