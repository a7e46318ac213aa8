/** COPY, ADD and WORKDIR on the real guest; each tree is what Docker 28.5 made of the same lines (buildx 0.29, `-o type=tar`), times that are "now" apart. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { AppError } from '../../../src/base/errors.ts';
import { readAll, sourceOf, type ByteSource } from '../../../src/base/streams.ts';
import type { TarHeader } from '../../../src/base/tar/entry.ts';
import type { ReceivedContext } from '../../../src/engine/build/context/receive.ts';
import { copyStep, makeDirectory, sourceDigest, type CopySources, type FetchedFile } from '../../../src/engine/build/solve/copy-step.ts';
import { openLayers } from '../../../src/engine/build/solve/layer-files.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { copyLine } from '../../support/copy-line.ts';
import { addLayer } from '../agent/containers.ts';
import { agentIsBuilt, coldBoot, output } from '../machine/guest.ts';
import { archiveOf, BuildGuest, type Part } from './builds.ts';

const owner = { uid: 1000, gid: 1001 };

async function innerTar(): Promise<Uint8Array> {
  return readAll(
    archiveOf([
      { path: 'in', type: 'directory', mode: 0o750, uid: 5, gid: 6, mtime: 1_100_000_000 },
      { path: 'in/f', mode: 0o600, uid: 7, gid: 8, mtime: 1_100_000_001 },
      { path: 'top', uid: 1, gid: 2 },
    ]),
  );
}

function packed(program: string, bytes: Uint8Array): Uint8Array {
  return new Uint8Array(execFileSync(program, ['-c'], { input: bytes }));
}

async function parts(): Promise<readonly Part[]> {
  const inner = await innerTar();
  return [
    { path: 'f', ...owner, mode: 0o640 },
    { path: 'h', type: 'hardlink', link: 'f' },
    { path: 'd', type: 'directory', ...owner, mode: 0o700 },
    { path: 'd/f', ...owner, mode: 0o4755 },
    { path: 'd/h', type: 'hardlink', link: 'd/f' },
    { path: 'd/s', type: 'directory', ...owner, mode: 0o711 },
    { path: 'd/s/x', ...owner },
    { path: 'd/l', type: 'symlink', link: 's/x', mode: 0o777, ...owner },
    { path: 'u', type: 'directory', mode: 0o755 },
    { path: 'u/lib', type: 'directory', mode: 0o750 },
    { path: 'u/lib/q' },
    { path: 'a.tar', data: inner },
    { path: 'a.tgz', data: packed('gzip', inner) },
    { path: 'a.tbz', data: packed('bzip2', inner) },
    { path: 'a.txz', data: packed('xz', inner) },
    { path: 'bad.tar', data: concatBytes([inner.subarray(0, 700), utf8('x'.repeat(300))]) },
    { path: 'notar.tar', data: utf8('hello world') },
    { path: 'gz.gz', data: packed('gzip', utf8('hello')) },
    { path: 'big', data: new Uint8Array(3_000_001).fill(7) },
  ];
}

/** "drwxr-xr-x" as digits, owner, seconds or "now", name, link. */
function told({ path, type, mode, uid, gid, mtime, link }: TarHeader): string {
  const time = mtime > 1_500_000_000 ? 'now' : String(mtime);
  const arrow = type === 'hardlink' ? ` = ${link}` : type === 'symlink' ? ` -> ${link}` : '';
  return `${type.slice(0, 1)}${mode.toString(8)} ${uid}:${gid} ${time} ${path}${arrow}`;
}

describe.skipIf(!agentIsBuilt)('COPY, ADD and WORKDIR (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let guest: BuildGuest;
  let received: ReceivedContext;
  beforeAll(async () => {
    machine = await coldBoot({ memoryMegabytes: 128 });
    addLayer(machine, 'base');
    guest = new BuildGuest(machine);
    received = await guest.receive(archiveOf(await parts()));
  });
  afterAll(() => machine.dispose());

  async function build(...lines: readonly string[]): Promise<readonly string[]> {
    const layers: string[] = [];
    for (const line of lines) layers.unshift(await guest.copy(layers, line, { from: received.files }));
    return (await guest.headers(layers)).map(told);
  }

  /** A layer that the guest's own shell made. */
  async function made(script: string): Promise<string> {
    const name = (await output(machine, 'mktemp -d /var/lib/drydock/layers/made-XXXXXX')).trim();
    await output(machine, `chmod 755 ${name} && cd ${name} && ${script}`);
    return name;
  }

  async function over(script: string, ...lines: readonly string[]): Promise<readonly string[]> {
    const layers = [await made(script), 'base'];
    for (const line of lines) layers.unshift(await guest.copy(layers, line, { from: received.files }));
    return (await guest.headers(layers, '/t')).map(told);
  }

  const unpacked = ['d750 5:6 1100000000 x/in', 'f600 7:8 1100000001 x/in/f', 'f644 1:2 1000000000 x/top'];
  const folder = (root: string): string[] => [
    `f4755 1000:1001 1000000000 ${root}f`,
    `h4755 1000:1001 1000000000 ${root}h = ${root}f`,
    `s777 1000:1001 1000000000 ${root}l -> s/x`,
    `d711 1000:1001 1000000000 ${root}s`,
    `f644 1000:1001 1000000000 ${root}s/x`,
  ];

  test("owners, modes, times and hard links are the context's; a folder that is made is root's and has the time of what is copied into it", async () => {
    expect(await build('COPY d /x')).toEqual(['d755 0:0 1000000000 x', ...folder('x/')]);
    expect(await build('COPY f h /x/')).toEqual(['d755 0:0 now x', 'f640 1000:1001 1000000000 x/f', 'f640 1000:1001 1000000000 x/h']);
  });

  test('--chown and --chmod are about folders that are made, too, and not about those that are there', async () => {
    expect(await build('COPY --chmod=700 --chown=3:4 f /a/b/x')).toEqual([
      'd700 3:4 now a',
      'd700 3:4 now a/b',
      'f700 3:4 1000000000 a/b/x',
    ]);
    expect((await build('COPY d /x', 'COPY --chmod=711 --chown=3:4 f /x/')).slice(0, 2)).toEqual([
      'd755 0:0 now x',
      'f711 3:4 1000000000 x/f',
    ]);
    expect((await build('COPY --chmod=u+x,g-r d /x/')).slice(0, 2)).toEqual(['d755 0:0 1000000000 x', 'f4715 1000:1001 1000000000 x/f']);
    for (const [mode, message] of [
      ['99', "invalid chmod parameter: '99'. it should be octal string and between 0 and 07777"],
      ['abc', 'invalid syntax'],
    ])
      await expect(build(`COPY --chmod=${mode} f /x`)).rejects.toThrow(message);
  });

  test("owners are looked up in the tree below; whom nobody knows is root, a group that nobody knows the user's", async () => {
    const layer = await made('mkdir t etc && echo joe:x:44:55::/:/bin/sh >etc/passwd && echo gg:x:66: >etc/group');
    const owners = ['joe', 'joe:gg', '7:gg', 'joe:', '12', '12:', ':12', 'nobodyy', '1:nog', 'root:root'];
    const layers = [layer];
    for (const [index, each] of owners.entries())
      layers.unshift(await guest.copy(layers, `COPY --chown=${each} f /t/${index}`, { from: received.files }));
    const headers = await guest.headers(layers, '/t');
    expect(headers.map(({ uid, gid }) => `${uid}:${gid}`)).toEqual([
      '44:55',
      '44:66',
      '7:66',
      '44:0',
      '12:12',
      '12:0',
      '0:12',
      '0:0',
      '1:1',
      '0:0',
    ]);
    await expect(build('COPY --chown=nobody f /x')).rejects.toThrow('invalid user index: -1');
  });

  test('links of the destination are followed inside of the tree, those below it are replaced or refused', async () => {
    const links = 'mkdir -p t/real q && chmod 705 t/real && ln -s real t/ln && ln -s /t/nowhere t/dangle && ln -s ../../../t/real t/out';
    expect(await over(links, 'COPY f /t/ln', 'COPY f /t/dangle', 'COPY u/lib /t/out/')).toEqual([
      's777 0:0 now dangle -> /t/nowhere',
      's777 0:0 now ln -> real',
      'f640 1000:1001 1000000000 nowhere',
      's777 0:0 now out -> ../../../t/real',
      'd705 0:0 1000000000 real',
      'f640 1000:1001 1000000000 real/f',
      'f644 0:0 1000000000 real/q',
    ]);
    expect(await over('mkdir -p t/d && ln -s /q t/d/f', 'COPY d /t/d')).toEqual(['d755 0:0 1000000000 d', ...folder('d/')]);
    await expect(over('mkdir -p t/d && ln -s /q t/d/s', 'COPY d /t/d')).rejects.toThrow(
      /^cannot copy to non-directory: \/.*\/merged\/t\/d\/s$/,
    );
    await expect(over('mkdir -p t && touch t/f', 'COPY f /t/f/x')).rejects.toThrow('mkdir /t/f: not a directory');
    expect(await over('mkdir -p t && ln -s /t/miss t/l', 'COPY f /t/l/x/y')).toEqual([
      's777 0:0 now l -> /t/miss',
      'd755 0:0 now miss',
      'd755 0:0 now miss/x',
      'f640 1000:1001 1000000000 miss/x/y',
    ]);
  });

  test.each(['a.tar', 'a.tgz', 'a.tbz', 'a.txz'])('ADD unpacks %s with its owners and times', async (name) => {
    expect(await build(`ADD ${name} /x`)).toEqual(['d755 0:0 now x', ...unpacked]);
  });

  test('ADD of an archive takes the owner that is asked for, and no mode', async () => {
    expect(await build('ADD --chown=3:4 --chmod=640 a.tar /x/')).toEqual([
      'd755 3:4 now x',
      ...unpacked.map((line) => line.replace(/ \d:\d /, ' 3:4 ')),
    ]);
    expect(await build('ADD f /x/in/', 'ADD a.tar /x/')).toEqual(['d755 0:0 now x', ...unpacked]);
    await expect(build('COPY f /x', 'ADD a.tar /x')).rejects.toThrow('mkdir /x: not a directory');
    await expect(build('ADD bad.tar /x/')).rejects.toThrow('unexpected EOF');
  });

  test('what is no archive, or is not to be unpacked, is copied', async () => {
    expect(await build('ADD notar.tar gz.gz /x/')).toEqual([
      'd755 0:0 now x',
      'f644 0:0 1000000000 x/gz.gz',
      'f644 0:0 1000000000 x/notar.tar',
    ]);
    for (const line of ['COPY a.tar /x/', 'ADD --unpack=false a.tar /x/'])
      expect(await build(line)).toEqual(['d755 0:0 now x', 'f644 0:0 1000000000 x/a.tar']);
  });

  test('contents are those of the context, whatever their size', async () => {
    const layer = await guest.copy([], 'COPY f big /x/', { from: received.files });
    expect(await output(machine, `cat ${layer}/x/f; sha256sum ${layer}/x/big`)).toBe(
      `f${createHash('sha256').update(new Uint8Array(3_000_001).fill(7)).digest('hex')}  ${layer}/x/big\n`,
    );
  });

  test("here-documents and files of addresses are root's", async () => {
    const fetched = new Map([['http://www.example.org/a/page', await fetchedFile('page', utf8('hello'))]]);
    const files = [{ path: 'A', content: 'hi\n' }];
    const layer = await guest.copy([], 'ADD http://www.example.org/a/page /x/', { from: received.files, files, fetched });
    expect((await guest.headers([layer])).map(told)).toEqual(['d755 0:0 now x', 'f644 0:0 now x/A', 'f600 0:0 1300000000 x/page']);
    expect(await output(machine, `cat ${layer}/x/A ${layer}/x/page`)).toBe('hi\nhello');
  });

  test('an archive of an address is unpacked only where that is asked for', async () => {
    const fetched = new Map([['http://www.example.org/a.tgz', await fetchedFile('a.tgz', packed('gzip', await innerTar()))]]);
    const built = async (flag: string): Promise<readonly string[]> => {
      const layer = await guest.copy([], `ADD ${flag}http://www.example.org/a.tgz /x/`, { from: received.files, fetched });
      return (await guest.headers([layer])).map(told);
    };
    expect(await built('')).toEqual(['d755 0:0 now x', 'f600 0:0 1300000000 x/a.tgz']);
    expect(await built('--unpack ')).toEqual(['d755 0:0 now x', ...unpacked]);
  });

  test('files of a stage keep owners, modes, times and hard links; what is hidden in its layers is not there', async () => {
    const below = await made(
      'mkdir s && echo gone >s/gone && echo 1 >s/one && chown 12:13 s/one && chmod 4711 s/one && touch -d @1000000000 s/one',
    );
    const above = await made('mkdir s && ln -s nowhere s/bro && mknod s/gone c 0 0 && echo 2 >s/two && ln s/two s/zwei');
    const { files, release } = await openLayers(guest.context, [above, below]);
    const built = async (line: string): Promise<readonly string[]> =>
      (await guest.headers([await guest.copy([], line, { from: files })])).map(told);
    expect(await built('COPY s /x')).toEqual([
      'd755 0:0 now x',
      's777 0:0 now x/bro -> nowhere',
      'f4711 12:13 1000000000 x/one',
      'f644 0:0 now x/two',
      'h644 0:0 now x/zwei = x/two',
    ]);
    expect(await built('COPY --exclude=two --chmod=600 s /x')).toContain('f600 0:0 now x/zwei');
    expect(await built('COPY s/*ne s/zw* /y/')).toEqual(['d755 0:0 now y', 'f4711 12:13 1000000000 y/one', 'f644 0:0 now y/zwei']);
    await expect(built('COPY s/gone /x')).rejects.toThrow(
      /^failed to compute cache key: failed to calculate checksum of ref [\da-f-]{36}::[\da-z]{25}: "\/s\/gone": not found$/,
    );
    await expect(built('COPY missing/* /x/')).rejects.toThrow('lstat /missing: no such file or directory');
    await release();
    expect(await output(machine, 'ls /run/drydock/views 2>/dev/null || true')).toBe('');
  });

  test('of a stage without layers nothing is there', async () => {
    const { files, release } = await openLayers(guest.context, []);
    await expect(guest.copy([], 'COPY x /', { from: files })).rejects.toThrow('"/x": not found');
    expect(await guest.headers([await guest.copy([], 'COPY . /x', { from: files })])).toMatchObject([{ path: 'x' }]);
    await release();
  });

  test('the digest of sources is another with another content, mode, owner or name, and the same at another time', async () => {
    const digest = async (line: string, changed: Partial<Part> = {}): Promise<string> => {
      const all = (await parts()).map((part) => (part.path === 'd/s/x' ? { ...part, ...changed } : part));
      const context = await guest.receive(archiveOf(all));
      const said: CopySources = { ...copyLine(line), from: context.files, fetched: new Map(), files: [] };
      return sourceDigest(said).finally(() => context.close());
    };
    for (const line of ['COPY d /x', 'COPY . /x', 'COPY ? /x/', 'COPY --exclude=f d /x']) {
      const before = await digest(line);
      expect(await digest(line, { mtime: 5 })).toBe(before);
      for (const change of [{ data: utf8('y') }, { mode: 0o600 }, { uid: 1 }, { path: 'd/s/z' }])
        expect(await digest(line, change)).not.toBe(before);
    }
    expect(await digest('COPY --exclude=s d /x', { uid: 1 })).toBe(await digest('COPY --exclude=s d /x'));
    expect(await digest('COPY f /x', { uid: 1 })).toBe(await digest('COPY f /x'));
  });

  test("WORKDIR makes folders of the user's; what is there stays as it is", async () => {
    const layer = await made(
      'mkdir -p r t etc && chmod 700 r && chown 5 r && ln -s /r w && touch t/f && echo joe:x:44:55::/:/bin/sh >etc/passwd',
    );
    const make = async (path: string, user: string): Promise<readonly string[]> => {
      const written = await guest.asLayer(await makeDirectory(guest.context, { layers: [layer], path, user }));
      return (await guest.headers([written])).map(told);
    };
    expect(await make('/a/b', 'joe')).toEqual(['d755 44:55 now a', 'd755 44:55 now a/b']);
    expect(await make('/a', '12')).toEqual(['d755 12:12 now a']);
    expect(await make('/w/z', '9:9')).toEqual(['d700 5:0 now r', 'd755 9:9 now r/z']);
    expect(await make('/w', '9:9')).toEqual([]);
    await expect(make('/t/f', '')).rejects.toThrow('mkdir /t/f: not a directory');
    await expect(make('/t/f/x', '')).rejects.toThrow('lstat /t/f/x: not a directory');
  });

  test('what fails or is called off leaves nothing in the guest', async () => {
    const left = (): Promise<string> =>
      output(machine, 'grep " overlay " /proc/mounts; ls -A /var/lib/drydock/overlay2 | grep -v "^.re"; true');
    const before = await left();
    const client = new AbortController();
    const stuck: ByteSource = { read: () => new Promise(() => undefined), cancel: () => undefined };
    const fetched = new Map([['http://x/', { ...(await fetchedFile('x', new Uint8Array(9))), open: () => Promise.resolve(stuck) }]]);
    const request = { ...copyLine('COPY http://x/ /x'), layers: ['base'], from: received.files, fetched, files: [] };
    const copying = copyStep(guest.context, request, client.signal);
    await expect.poll(left).not.toBe(before);
    client.abort(new AppError('cancelled', 'the client is gone'));
    await expect(copying).rejects.toThrow('the client is gone');
    await expect(build('COPY f /lib', 'COPY u /')).rejects.toThrow(/^cannot copy to non-directory: \/.*\/merged\/lib$/);
    await expect.poll(left).toBe(before);
    expect(guest.context.steps.all()).toEqual([]);
  });

  test('a context comes packed, too; its Dockerfile is read out of it, and its bytes are gone when it is closed', async () => {
    const body = await readAll(
      archiveOf([
        { path: 'sub/Dockerfile', data: utf8('FROM scratch\n') },
        { path: 'Link', type: 'symlink', link: 'sub/Dockerfile' },
      ]),
    );
    for (const bytes of [body, packed('gzip', body), packed('bzip2', body), packed('xz', body)]) {
      const context = await guest.receive(sourceOf(bytes));
      expect(await context.readText('Link')).toBe('FROM scratch\n');
      expect(await context.readText('none')).toBeNull();
      const entry = context.tree.children.get('sub')?.children.get('Dockerfile');
      context.close();
      await guest.content.settled();
      if (entry !== undefined) await expect(context.read(entry)).rejects.toThrow('is not there');
    }
    await expect(guest.receive(sourceOf(body.subarray(0, 520)))).rejects.toThrow('unexpected EOF');
    await guest.content.settled();
    expect((await guest.content.list()).length).toBe(1);
    expect(fromUtf8(await readAll(await received.read(received.tree.children.get('f') ?? received.tree)))).toBe('f');
  });
});

async function fetchedFile(name: string, bytes: Uint8Array): Promise<FetchedFile> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  return Promise.resolve({ name, size: bytes.length, modified: 1_300_000_000, digest, open: () => Promise.resolve(sourceOf(bytes)) });
}
