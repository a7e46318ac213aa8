import { describe, expect, it } from 'vitest';
import { sha256 } from './builder/digest.ts';
import { MEDIA_TYPES } from './builder/oci.ts';
import { parentOf, requireFile, type Tree } from './builder/tree.ts';
import { readElf } from './testing/elf.ts';
import { loadLayer, loadLayout, loadTree, resolvePath } from './testing/image-tree.ts';

const LIBRARY = 'docker.io/library';
const images = loadLayout();
const trees = new Map([...images].map(([reference, image]) => [reference, loadTree(image)]));

function imageOf(name: string) {
  const image = images.get(`${LIBRARY}/${name}`);
  if (image === undefined) throw new Error(`${name}: not in the layout`);
  return image;
}

function treeOf(name: string): Tree {
  const tree = trees.get(`${LIBRARY}/${name}`);
  if (tree === undefined) throw new Error(`${name}: not in the layout`);
  return tree;
}

function textOf(tree: Tree, path: string): string {
  return requireFile(tree, path).toString('utf8');
}

it('holds the images under the names people type', () => {
  expect([...images.keys()].sort()).toEqual([
    'docker.io/lab/api:latest',
    'docker.io/lab/orphans:latest',
    'docker.io/lab/worker:latest',
    `${LIBRARY}/busybox:latest`,
    `${LIBRARY}/hello-world:latest`,
    `${LIBRARY}/nginx:latest`,
    `${LIBRARY}/python:3.11-slim`,
  ]);
});

it.each(['api', 'orphans', 'worker'])('lab/%s runs a program of its name, on python and one small layer', (name) => {
  const layersOf = (reference: string) => images.get(reference)?.manifest.layers ?? [];
  const own = layersOf(`docker.io/lab/${name}:latest`);
  expect(own.slice(0, -1)).toEqual(layersOf(`${LIBRARY}/python:3.11-slim`).slice(0, -1));
  expect(own.at(-1)?.size).toBeLessThan(10_000);
  const tree = trees.get(`docker.io/lab/${name}:latest`);
  expect(images.get(`docker.io/lab/${name}:latest`)?.config.cmd).toEqual([name]);
  expect(tree?.get(`usr/local/bin/${name}`)).toMatchObject({ kind: 'file', mode: 0o755 });
});

describe.each([...images])('%s', (reference, image) => {
  const tree = trees.get(reference) ?? new Map();

  it('is an OCI image for linux/386', () => {
    expect(image.entry).toMatchObject({ mediaType: MEDIA_TYPES.manifest, architecture: '386', os: 'linux' });
    expect(image.config).toMatchObject({ architecture: '386', os: 'linux' });
    expect(image.manifest.config.mediaType).toBe(MEDIA_TYPES.config);
    for (const layer of image.manifest.layers) expect(layer.mediaType).toBe(MEDIA_TYPES.layer);
  });

  it('names the digest of each uncompressed layer, and has one history line for each', () => {
    const digests = image.manifest.layers.map((_, index) => `sha256:${sha256(loadLayer(image, index).tar)}`);
    expect(image.config.diffIds).toEqual(digests);
    expect(image.config.layerCount).toBe(digests.length);
  });

  it('has no comma in a label, which would trip who splits the lines of docker events', () => {
    expect([...image.config.labels.values()].filter((value) => value.includes(','))).toEqual([]);
  });

  it('says on its labels whose build it is', () => {
    expect(image.config.labels.get('org.opencontainers.image.description')).toMatch(/Drydock's.*not the Docker Official Image/);
    for (const key of ['title', 'version', 'licenses', 'created']) {
      expect(image.config.labels.get(`org.opencontainers.image.${key}`), key).toBeTruthy();
    }
  });

  it('has only relative, plain paths, each after its parent directory, and no device nodes or whiteouts', () => {
    for (const index of image.manifest.layers.keys()) {
      const seen = new Set<string>(['']);
      for (const entry of loadLayer(image, index).entries) {
        const path = entry.name.replace(/\/$/, '');
        expect(['0', '1', '2', '5'], entry.name).toContain(entry.type);
        expect(
          path.split('/').filter((part) => part === '' || part === '.' || part === '..' || part.startsWith('.wh.')),
          path,
        ).toEqual([]);
        expect(seen.has(parentOf(path)), `${path} comes before its directory`).toBe(true);
        if (entry.type === '1') expect(seen.has(entry.target), `${path} is a hard link to something earlier`).toBe(true);
        expect(seen.has(path), `${path} comes twice`).toBe(false);
        seen.add(path);
      }
    }
  });

  it('gives every entry the same time', () => {
    const times = image.manifest.layers.flatMap((_, index) => loadLayer(image, index).entries.map((entry) => entry.mtime));
    expect(new Set(times)).toEqual(new Set([Date.parse(image.config.created) / 1000]));
  });

  it('can start: every program is i386 and every library it needs is in the image', () => {
    const missing: string[] = [];
    let programs = 0;
    for (const [path, entry] of tree) {
      const elf = entry.kind === 'file' ? readElf(entry.data) : undefined;
      if (elf === undefined) continue;
      programs += 1;
      if (elf.machine !== 3) missing.push(`${path}: machine ${elf.machine}`);
      if (elf.interpreter !== undefined && resolvePath(tree, elf.interpreter) === undefined) missing.push(`${path}: ${elf.interpreter}`);
      for (const name of elf.needed) {
        if (resolvePath(tree, `usr/lib/i386-linux-gnu/${name}`) === undefined && resolvePath(tree, `lib/${name}`) === undefined) {
          missing.push(`${path}: ${name}`);
        }
      }
    }
    expect(missing).toEqual([]);
    expect(programs).toBeGreaterThan(0);
  });

  it('has no symbolic link to nowhere', () => {
    const fromEngine = /^\/(dev|proc|run)\//;
    const broken = [...tree].filter(
      ([path, entry]) => entry.kind === 'symlink' && !fromEngine.test(entry.target) && resolvePath(tree, path) === undefined,
    );
    expect(broken.map(([path]) => path)).toEqual([]);
  });

  it('can find its command on its PATH', () => {
    const path = image.config.env.find((variable) => variable.startsWith('PATH='))?.slice(5) ?? '';
    const [first] = [...image.config.entrypoint, ...image.config.cmd];
    const candidates = first?.startsWith('/') ? [first] : path.split(':').map((folder) => `${folder}/${first}`);
    const found = candidates.flatMap((candidate) => resolvePath(tree, candidate) ?? [])[0] ?? '';
    expect(tree.get(found)?.mode).toBe(0o755);
  });

  it('carries the licence of every package in it', () => {
    const packages = [...tree.keys()].flatMap((path) => /^var\/lib\/dpkg\/status\.d\/(.+)$/.exec(path)?.[1] ?? []);
    const without = packages.filter((name) => {
      const real = resolvePath(tree, `usr/share/doc/${name}/copyright`);
      return real === undefined || tree.get(real)?.kind !== 'file';
    });
    expect(without).toEqual([]);
    expect(packages.length > 0 || reference.endsWith('/hello-world:latest')).toBe(true);
  });
});

it('shares the Debian and OpenSSL layers between nginx and python', () => {
  const [nginx, python] = [imageOf('nginx:latest'), imageOf('python:3.11-slim')].map((image) =>
    image.manifest.layers.map((layer) => layer.digest),
  );
  expect(nginx?.slice(0, 2)).toEqual(python?.slice(0, 2));
  expect(nginx).toHaveLength(3);
  expect(python).toHaveLength(4);
});

it('keeps hello-world to a single program of a few kilobytes that says what happened', () => {
  const tree = treeOf('hello-world:latest');
  expect([...tree.keys()]).toEqual(['hello']);
  expect(requireFile(tree, 'hello').length).toBeLessThan(8192);
  expect(textOf(tree, 'hello')).toContain('Hello from Drydock!');
});

it('gives busybox its applets as hard links of one file', () => {
  const tree = treeOf('busybox:latest');
  for (const applet of ['sh', 'ls', 'cat', 'wget', 'vi', 'top', 'ping', 'tail', 'env', '[']) {
    expect(tree.get(`bin/${applet}`), applet).toMatchObject({ kind: 'hardlink', target: 'bin/busybox' });
  }
  expect(tree.get('tmp')?.mode).toBe(0o1777);
  expect(textOf(tree, 'etc/passwd')).toContain('root:x:0:0:root:/root:/bin/sh');
});

it('sets nginx up to serve port 80 with one worker and to log to the container', () => {
  const tree = treeOf('nginx:latest');
  expect(imageOf('nginx:latest').config).toMatchObject({ entrypoint: ['/docker-entrypoint.sh'], cmd: ['nginx', '-g', 'daemon off;'] });
  expect(textOf(tree, 'etc/nginx/nginx.conf')).toContain('worker_processes 1;');
  expect(textOf(tree, 'etc/nginx/conf.d/default.conf')).toContain('listen 80;');
  expect(tree.get('var/log/nginx/access.log')).toMatchObject({ kind: 'symlink', target: '/dev/stdout' });
  expect(tree.get('var/log/nginx/error.log')).toMatchObject({ kind: 'symlink', target: '/dev/stderr' });
  expect(textOf(tree, 'etc/passwd')).toMatch(/^nginx:x:101:101:/m);
});

describe('python:3.11-slim', () => {
  const tree = treeOf('python:3.11-slim');
  const library = 'usr/local/lib/python3.11';

  it('lies where the official image has it', () => {
    for (const name of ['python', 'python3', 'python3.11'])
      expect(resolvePath(tree, `usr/local/bin/${name}`)).toBe('usr/local/bin/python3.11');
    expect(imageOf('python:3.11-slim').config.env).toContain('LANG=C.UTF-8');
    expect(tree.has(`${library}/site-packages/pip/__init__.py`)).toBe(true);
    expect([...tree.keys()].filter((path) => path.includes('dist-packages'))).toEqual([]);
  });

  it('has byte code that is read without looking at its source, as PEP 552 defines it', () => {
    const compiled = [...tree].filter(([path]) => path.endsWith('.pyc'));
    expect(compiled.length).toBeGreaterThan(500);
    for (const [path, entry] of compiled) {
      // Bit 0: hash-based; bit 1, which asks for the check, is clear.
      expect(entry.kind === 'file' && entry.data.readUInt32LE(4), path).toBe(1);
      const source = path.replace('/__pycache__/', '/').replace('.cpython-311.pyc', '.py');
      expect(tree.has(source), source).toBe(true);
    }
  });

  it('has compiled what a start and a small server import', () => {
    for (const name of ['encodings/utf_8', 'json/__init__', 'http/server', 'argparse', 'ssl', 'sqlite3/__init__', 'asyncio/__init__']) {
      const path = `${library}/${name}`.replace(/([^/]+)$/, '__pycache__/$1.cpython-311.pyc');
      expect(tree.has(path), path).toBe(true);
    }
  });

  it('can edit lines: readline, a terminal description for xterm and key bindings', () => {
    expect([...tree.keys()].some((path) => path.startsWith(`${library}/lib-dynload/readline.`))).toBe(true);
    expect(resolvePath(tree, 'lib/terminfo/x/xterm-256color')).toBeDefined();
    expect(tree.has('etc/inputrc')).toBe(true);
  });
});
