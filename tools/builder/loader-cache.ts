/** `/etc/ld.so.cache`, by the ldconfig(8) of the same package set, which is not needed afterwards: without it the loader probes for each library. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../images/builder/run.ts';
import { stageTree } from '../../images/builder/stage.ts';
import { file, symlink, type Tree } from '../../images/builder/tree.ts';

const ldconfig = 'usr/sbin/ldconfig';

export function writeLoaderCache(tree: Tree): void {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-tools-'));
  try {
    stageTree(new Map([...tree, ['lib', symlink('usr/lib')], ['etc/ld.so.conf', file(Buffer.from('/lib/i386-linux-gnu\n'))]]), folder);
    run(join(folder, ldconfig), ['-X', '-r', folder]);
    tree.set('etc/ld.so.cache', file(readFileSync(join(folder, 'etc/ld.so.cache'))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  tree.delete(ldconfig);
}
