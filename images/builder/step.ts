/** The few things a layer needs that maintainer scripts would have done, or that make it cheap to run. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { matcher } from './glob.ts';
import { guestBusybox } from './lock.ts';
import { type LayerRecipe, type Step } from './recipe.ts';
import { run } from './run.ts';
import { stageTree } from './stage.ts';
import { file, requireFile, symlink, type Tree } from './tree.ts';

const LIBRARIES = 'usr/lib/i386-linux-gnu';

function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'drydock-images-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * `/etc/ld.so.cache` by the image's own ldconfig(8). Without it the loader probes a dozen directories for each library,
 * and each probe of a file system that lives outside the guest is a round trip.
 */
function writeLoaderCache(tree: Tree): void {
  withFolder((folder) => {
    stageTree(tree, folder);
    run(join(folder, 'usr/sbin/ldconfig'), ['-X', '-r', folder]);
    tree.set('etc/ld.so.cache', file(readFileSync(join(folder, 'etc/ld.so.cache'))));
  });
}

/**
 * Byte code beside the sources as PEP 552 unchecked hash files: valid whatever the sources' timestamps become on their
 * way through layers, and read without looking at the source.
 */
function compileByteCode(tree: Tree, directories: readonly string[], except: readonly string[]): void {
  const skipped = matcher(except);
  withFolder((folder) => {
    stageTree(tree, folder);
    const loader = ['--library-path', join(folder, LIBRARIES), join(folder, 'usr/local/bin/python3.11')];
    const compile = ['-B', '-m', 'compileall', '-q', '--invalidation-mode', 'unchecked-hash', '-s', folder];
    const env = { PYTHONHOME: join(folder, 'usr/local'), PYTHONHASHSEED: '0', PYTHONNOUSERSITE: '1' };
    run(join(folder, 'usr/lib/ld-linux.so.2'), [...loader, ...compile, ...directories.map((path) => join(folder, path))], { env });
    for (const directory of directories) collectByteCode(tree, folder, directory, skipped);
  });
}

function collectByteCode(tree: Tree, folder: string, directory: string, skipped: (path: string) => boolean): void {
  for (const entry of readdirSync(join(folder, directory), { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (skipped(path)) continue;
    if (entry.isDirectory()) collectByteCode(tree, folder, path, skipped);
    else if (entry.name.endsWith('.pyc')) tree.set(path, file(readFileSync(join(folder, path))));
  }
}

/** The names that a busybox binary says it has. */
function appletsOf(binary: Buffer): string[] {
  const list = withFolder((folder) => {
    const path = join(folder, 'busybox');
    writeFileSync(path, binary, { mode: 0o755 });
    return run(path, ['--list']).toString('utf8');
  });
  return list.split('\n').filter((applet) => applet !== '');
}

/** The guest's own build in the place of the package's, which must know the same applets. */
function takeGuestBusybox(tree: Tree): void {
  const own = readFileSync(guestBusybox);
  const [built, packaged] = [appletsOf(own), appletsOf(requireFile(tree, 'bin/busybox'))];
  if (built.join() !== packaged.join()) throw new Error('kernel/dist/busybox has other applets than the package; kernel/build.sh busybox');
  tree.set('bin/busybox', file(own, 0o755));
}

/** Every applet the binary says it has, as a hard link in /bin: what busybox images look like. */
function linkApplets(tree: Tree): void {
  for (const applet of appletsOf(requireFile(tree, 'bin/busybox'))) {
    if (applet === 'busybox') continue;
    tree.set(`bin/${applet}`, { kind: 'hardlink', mode: 0o755, uid: 0, gid: 0, target: 'bin/busybox' });
  }
  tree.set('usr/bin/env', symlink('../../bin/env'));
}

/** One C file without libc into a static i386 program; no path and no build id gets into it. */
function compileProgram(tree: Tree, source: string, output: string): void {
  const flags = [
    '-std=c11',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-Os',
    '-march=i686',
    '-static',
    '-nostdlib',
    '-ffreestanding',
    '-fno-pie',
    '-no-pie',
    '-fno-stack-protector',
    '-fno-asynchronous-unwind-tables',
    '-Wl,--build-id=none',
    '-Wl,-z,noseparate-code',
    '-s',
  ];
  const program = withFolder((folder) => {
    run('i686-linux-gnu-gcc', [...flags, '-o', join(folder, 'program'), source]);
    return readFileSync(join(folder, 'program'));
  });
  tree.set(output, file(program, 0o755));
}

function concatenate(tree: Tree, from: string, to: string): void {
  const matches = matcher([from]);
  const paths = [...tree.keys()].filter((path) => matches(path) && tree.get(path)?.kind === 'file').sort();
  if (paths.length === 0) throw new Error(`${from}: nothing to concatenate`);
  tree.set(to, file(Buffer.concat(paths.map((path) => requireFile(tree, path)))));
}

/** Applies one step to the whole tree of the layer and its parents. `folder` is the layer's own folder. */
export function applyStep(tree: Tree, step: Step, folder: string): void {
  switch (step.kind) {
    case 'ld-cache':
      writeLoaderCache(tree);
      return;
    case 'python-bytecode':
      compileByteCode(tree, step.directories, step.except);
      return;
    case 'guest-busybox':
      takeGuestBusybox(tree);
      return;
    case 'busybox-applets':
      linkApplets(tree);
      return;
    case 'compile':
      compileProgram(tree, join(folder, step.source), step.output);
      return;
    case 'concatenate':
      concatenate(tree, step.from, step.to);
  }
}

export function applySteps(tree: Tree, layer: LayerRecipe, folder: string): void {
  for (const step of layer.steps) applyStep(tree, step, folder);
}
