import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../../src/base/bytes.ts';
import { createPipe, readAll, sourceOf } from '../../../src/base/streams.ts';
import { layerTar } from '../../../src/engine/content/directory-layer.ts';
import { readArchive, type ReadEntry } from '../../../src/base/testing/tar.ts';
import { writeTar } from '../../../src/engine/images/testing/tar-writer.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import type { AgentRecordInput } from '../../../src/protocol/agent.ts';
import { agentIsBuilt, coldBoot, output } from '../machine/guest.ts';
import { addLayer, Containers, outcomeOf } from './containers.ts';

describe.skipIf(!agentIsBuilt)('what the agent streams (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let containers: Containers;
  beforeAll(async () => {
    machine = await coldBoot();
    addLayer(machine);
    containers = new Containers(machine);
  });
  afterAll(() => machine.dispose());

  const archive = async (tree: AgentRecordInput<'archiveSpec'>): Promise<Uint8Array> => readAll(await containers.guest.archives.read(tree));
  const entries = async (tree: AgentRecordInput<'archiveSpec'>): Promise<Map<string, ReadEntry>> =>
    new Map([...readArchive(await archive(tree))].map((entry) => [entry.path, entry]));

  test('a folder is archived with everything it holds, and twice with the same bytes', async () => {
    const long = 'l'.repeat(120);
    await output(
      machine,
      `mkdir -p /root/t/sub/${long} && cd /root/t && echo hello >file && chown 5:70000 file && chmod 4751 file && touch -d @86400 file && ln file hard
       ln -s /etc/passwd link && mkfifo fifo && mknod null c 1 3 && : >empty && echo deep >sub/${long}/${long} && : >'ä'`,
    );
    const found = await entries({ path: '/root/t', name: 'T' });
    expect([...found.keys()]).toEqual([
      'T/',
      'T/empty',
      'T/fifo',
      'T/file',
      'T/hard',
      'T/link',
      'T/null',
      'T/sub/',
      `T/sub/${long}/`,
      `T/sub/${long}/${long}`,
      'T/ä',
    ]);
    const file = found.get('T/file');
    expect(file).toMatchObject({ type: 'file', mode: 0o4751, uid: 5, gid: 70_000, mtime: 86_400 });
    expect(fromUtf8(file?.data ?? new Uint8Array())).toBe('hello\n');
    expect(found.get('T/hard')).toMatchObject({ type: 'hardlink', link: 'T/file' });
    expect(found.get('T/link')).toMatchObject({ type: 'symlink', link: '/etc/passwd' });
    expect(found.get('T/fifo')?.type).toBe('fifo');
    expect(found.get('T/null')).toMatchObject({ type: 'character', major: 1, minor: 3 });
    expect(fromUtf8(found.get(`T/sub/${long}/${long}`)?.data ?? new Uint8Array())).toBe('deep\n');
    expect(await archive({ path: '/root/t', name: 'T' })).toEqual(await archive({ path: '/root/t', name: 'T' }));
    expect([...(await entries({ path: '/root/t/sub' })).keys()]).toEqual([`${long}/`, `${long}/${long}`]);
    expect((await entries({ path: '/root/t/link', name: 'x' })).get('x')?.type).toBe('symlink');
    expect((await entries({ path: '/root/t/link', name: 'x', follow: 1 })).get('x')?.type).toBe('file');
    // A socket is of no use to whoever unpacks it.
    expect((await entries({ path: '/var/run/docker.sock', name: 'x' })).size).toBe(0);
    await expect(archive({ path: '/root/t/nothing' })).rejects.toMatchObject({ detail: { errno: 2 } });
  });

  test('the upper directory of a container is archived as a layer: what it hides are whiteouts', async () => {
    await containers.run('upper', 'rm /etc/group; rm -r /root; mkdir /root; echo new >/root/new');
    const found = await entries({ path: containers.folders('upper').upper, layer: 1 });
    expect([...found.keys()]).toEqual(expect.arrayContaining(['etc/', 'etc/.wh.group', 'root/', 'root/.wh..wh..opq', 'root/new']));
    expect(found.get('etc/.wh.group')).toMatchObject({ type: 'file' });
    expect([...found.values()].filter(({ type }) => type === 'character')).toEqual([]);
    const layer = { path: containers.folders('upper').upper, layer: 1 };
    const [first, again] = [
      await readAll(layerTar(sourceOf(await archive(layer)))),
      await readAll(layerTar(sourceOf(await archive(layer)))),
    ];
    expect(again).toEqual(first);
    expect(readArchive(first).map(({ path }) => path)).toEqual([...found.keys()].filter((path) => path !== './' && path !== ''));
    await containers.remove('upper');
  });

  test('a layer that is copied while its container runs has the same archive, and hides the same', async () => {
    const { upper } = containers.folders('copied');
    const target = '/var/lib/drydock/layers/copied';
    const writes =
      'rm /etc/group; rm -r /root; mkdir -p /root/d; cd /root; echo new >new; ln new d/same; ln -s /etc/passwd link; mknod pipe p; ' +
      'head -c 1100000 /dev/zero >big; busybox chown 5:70000 new; busybox chmod 4751 new; busybox touch -d @86400 d; touch /done; sleep 1000';
    const running = await containers.start('copied', ['sh', '-c', writes]);
    await expect.poll(() => output(machine, `ls ${upper}`)).toContain('done');
    await containers.guest.layers.keep({ container: 'copied', upper, target, copy: 1 });
    const tar = async (path: string): Promise<Uint8Array> => readAll(layerTar(sourceOf(await archive({ path, layer: 1 }))));
    const kept = await tar(target);
    expect(kept).toEqual(await tar(upper));
    expect(readArchive(kept).map(({ path }) => path)).toEqual(
      expect.arrayContaining(['etc/.wh.group', 'root/.wh..wh..opq', 'root/d/same']),
    );
    expect(await output(machine, `stat -c '%h %u:%g %a' ${target}/root/new; stat -c %Y ${target}/root/d`)).toBe('2 5:70000 4751\n86400\n');
    // The container has its own still.
    await output(machine, `echo changed >${upper}/root/new`);
    expect(await tar(target)).toEqual(kept);
    await expect(containers.guest.layers.keep({ container: 'copied', upper, target, copy: 1 })).rejects.toMatchObject({
      detail: { errno: 17 },
    });
    await containers.guest.processes.signal('copied', 9);
    await running.exited;
    await containers.remove('copied');
    const lowers = [target, '/run/drydock/host/layers/agent-test'];
    expect((await containers.run('oncopy', 'cat /root/d/same; ls /etc /root', { lowers })).stdout).toBe(
      'new\nhosts\npasswd\n\n/root:\nbig\nd\nlink\nnew\npipe\n'.replace('hosts', '/etc:\nhosts'),
    );
    await containers.remove('oncopy');
    await output(
      machine,
      `mkdir /full && mount -t tmpfs -o size=512k none /full && mkdir -p /var/lib/drydock/big && head -c 900000 /dev/zero >/var/lib/drydock/big/f`,
    );
    await expect(containers.guest.layers.keep({ upper: '/var/lib/drydock/big', target: '/full/layer', copy: 1 })).rejects.toMatchObject({
      detail: { errno: 28 },
    });
    expect(await output(machine, `ls /full; umount /full; rm -r /full ${target} /var/lib/drydock/big`)).toBe('');
  });

  test('a container that swaps folders for links while it is read gives away nothing of the guest', async () => {
    await output(machine, 'mkdir -p /secret/d && echo secret >/secret/d/f');
    const swap =
      'b=busybox; $b mkdir -p /w/d; echo own >/w/d/f; cd /w; while :; do $b mv d x; $b ln -s /secret/d d; $b rm d; $b mv x d; done';
    const done = outcomeOf(await containers.start('swaps', ['sh', '-c', swap]));
    const pid = Number(await output(machine, 'cat /sys/fs/cgroup/docker/swaps/cgroup.procs | head -n 1'));
    const texts = new Set<string>();
    const kinds = new Set<string>();
    for (let turn = 0; turn < 60; turn++)
      for (const path of ['/w', '/w/d'])
        for (const entry of (await entries({ pid, path, name: 'n', follow: 1 }).catch(() => new Map<string, ReadEntry>())).values()) {
          kinds.add(`${entry.path} ${entry.type}`);
          // The container may not have written its own yet.
          if (entry.type === 'file' && entry.data.length > 0) texts.add(fromUtf8(entry.data));
        }
    expect([...texts]).toEqual(['own\n']);
    // The race did happen: the link was seen in the place of the folder.
    expect([...kinds]).toEqual(expect.arrayContaining(['n/d/ directory', 'n/d symlink']));
    await containers.guest.processes.signal('swaps', 9);
    await done;
    await containers.remove('swaps');
  });

  test('an archive that nobody reads waits, others are answered meanwhile, and it ends when it is dropped', async () => {
    await output(machine, 'dd if=/dev/zero of=/root/big bs=1M count=8 2>/dev/null');
    const agentFiles = async () => Number(await output(machine, 'ls -l /proc/1/fd | grep -c /root/big || true'));
    const source = await containers.guest.archives.read({ path: '/root/big', name: 'big' });
    await expect.poll(agentFiles).toBeGreaterThan(0);
    const first = await source.read();
    source.cancel();
    await expect.poll(agentFiles).toBe(0);
    expect(first?.length).toBeLessThanOrEqual(65_536);
    const pieces: Uint8Array[] = [];
    const again = await containers.guest.archives.read({ path: '/root/big', name: 'big' });
    for (let piece = await again.read(); piece !== null; piece = await again.read()) pieces.push(piece);
    const [entry] = readArchive(concatBytes(pieces));
    expect(entry?.data.length).toBe(8 * 2 ** 20);
    await output(machine, 'rm /root/big');
  });

  const extract = (folder: AgentRecordInput<'extractSpec'>, ...pieces: Uint8Array[]): Promise<void> => {
    const { source, sink } = createPipe(2 ** 24);
    void (async () => {
      for (const piece of pieces) await sink.write(piece);
      await sink.close();
    })().catch(() => undefined);
    return containers.guest.archives.extract(folder, source);
  };

  test('what was archived is extracted elsewhere and archived again with the same bytes', async () => {
    await output(
      machine,
      'mkdir -p /root/from/sub/deep /root/to/sub && cd /root/from && dd if=/dev/urandom of=big bs=100k count=11 2>/dev/null && ln big sub/hard && ln -s ../big sub/soft &&' +
        ' mkfifo -m 600 fifo && mknod -m 666 zero c 1 5 && chown -R 7:90000 sub && chmod 1777 sub/deep && chmod 6711 big && touch -h -d @86400 sub/soft; touch -d @99999 sub/deep sub .',
    );
    await output(machine, 'mkdir /root/to/big; echo old >/root/to/fifo; echo kept >/root/to/kept');
    const before = await archive({ path: '/root/from', name: 'x' });
    const whole = await archive({ path: '/root/from' });
    await extract({ path: '/root/to' }, whole.subarray(0, 1000), whole.subarray(1000, 70_001), whole.subarray(70_001));
    expect(await output(machine, 'cat /root/to/kept && rm /root/to/kept && touch -d @99999 /root/to')).toBe('kept\n');
    expect(await archive({ path: '/root/to', name: 'x' })).toEqual(before);
  });

  test('extended attributes of an archive are set, whatever their names, and what cannot be set is told', async () => {
    const capability = new Uint8Array([1, 0, 0, 2, 0, 4, ...new Uint8Array(14)]);
    const attributes = (values: Readonly<Record<string, Uint8Array | string>>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [`SCHILY.xattr.${name}`, value]));
    const long = 'y'.repeat(3000);
    await output(machine, 'mkdir /root/x');
    await extract(
      { path: '/root/x' },
      writeTar([
        {
          path: 'f',
          data: 'x',
          pax: attributes({ 'user.a': '1', 'trusted.b': '2', 'user.long': long, 'security.capability': capability }),
        },
        { path: 'd/', type: '5', pax: attributes({ 'user.d': '3' }) },
        { path: 'l', type: '2', link: 'f', pax: attributes({ 'trusted.l': '4' }) },
      ]),
    );
    expect((await entries({ path: '/root/x' })).get('f')?.xattrs).toEqual(new Map([['security.capability', capability]]));
    await expect(extract({ path: '/root/x' }, writeTar([{ path: 'g', pax: attributes({ 'system.nope': '1' }) }]))).rejects.toMatchObject({
      detail: { errno: 95 },
    });
  });

  /** Kilobytes that PID 1 has had at most. */
  const peak = async (): Promise<number> => Number(/VmHWM:\s+(\d+)/.exec(await output(machine, 'cat /proc/1/status'))?.[1]);

  test('the memory for an archive is bounded, whatever it holds, and nothing of it is lost', async () => {
    const count = 17_000;
    const folders = Array.from({ length: count }, (_, at) => ({ path: `${'n'.repeat(40)}${at}/`, type: '5', mtime: 1000 + at }));
    await output(machine, 'mkdir /root/m; mount -t tmpfs -o nr_inodes=40000 none /root/m');
    const before = await peak();
    await extract({ path: '/root/m' }, writeTar(folders));
    expect((await peak()) - before).toBeLessThan(1024);
    const found = await entries({ path: '/root/m', bare: 1 });
    expect(found.size).toBe(count);
    expect([...found.keys()]).toEqual(folders.map(({ path }) => path).sort());
    expect(folders.filter(({ path, mtime }) => found.get(path)?.mtime !== mtime)).toEqual([]);
    await output(machine, 'umount /root/m');
  });

  test('an archive reaches nothing outside the root that it is extracted in', async () => {
    await output(machine, 'mkdir -p /root/jail/in /root/outside && echo safe >/root/outside/f && ln -s /root/outside /root/jail/in/out');
    const file = (path: string) => ({ path, data: utf8('evil') });
    const jail = { root: '/root/jail', path: '/in' };
    await expect(extract(jail, writeTar([file('a/../../b')]))).rejects.toMatchObject({ detail: { errno: 22 } });
    await expect(extract(jail, writeTar([{ path: 'l', type: '1', link: '../../outside/f' }]))).rejects.toMatchObject({
      detail: { errno: 22 },
    });
    await expect(extract(jail, writeTar([{ path: 'l', type: '1', link: 'out/f' }]))).rejects.toMatchObject({ detail: { errno: 2 } });
    await expect(extract({ root: '/root/jail', path: '/in/none' }, writeTar([file('f')]))).rejects.toMatchObject({ detail: { errno: 2 } });
    await expect(extract(jail, writeTar([file('f')]).subarray(0, 700))).rejects.toMatchObject({ message: 'unexpected EOF' });
    await expect(extract(jail, new Uint8Array(1024).fill(7))).rejects.toMatchObject({ message: 'invalid tar header' });
    // Links lead to the same names below the folder, as with Docker, whatever the container itself would see.
    await extract(jail, writeTar([file('out/f'), { path: 'abs', type: '2', link: '/root/outside' }, file('abs/g'), file('/etc/h')]));
    expect(
      await output(
        machine,
        'cd /root/jail/in; cat root/outside/f root/outside/g etc/h; ls /root/jail; ls /root/outside; cat /root/outside/f',
      ),
    ).toBe('evilevilevilin\nf\nsafe\n');
    expect(await output(machine, 'ls /etc/h /root/b 2>/dev/null || true')).toBe('');
  });

  test('a folder and what is none do not replace each other when they shall not', async () => {
    await output(machine, 'mkdir -p /root/keep/folder && echo x >/root/keep/folder/x && echo f >/root/keep/file');
    const keep = { path: '/root/keep', keep: 1 };
    await expect(extract(keep, writeTar([{ path: 'folder', data: utf8('f') }]))).rejects.toMatchObject({ detail: { errno: 17 } });
    await expect(extract(keep, writeTar([{ path: 'file/', type: '5' }]))).rejects.toMatchObject({ detail: { errno: 17 } });
    await extract(
      { path: '/root/keep' },
      writeTar([
        { path: 'folder', data: utf8('f') },
        { path: 'file/', type: '5' },
      ]),
    );
    expect(await output(machine, 'cat /root/keep/folder && ls -d /root/keep/file/')).toBe('f/root/keep/file/\n');
  });

  test('a container that swaps a folder for a link while files are put there gets them, and the guest none', async () => {
    await output(machine, 'mkdir -p /prey/d');
    const swap = 'b=busybox; $b mkdir -p /w/d /prey/d; cd /w; while :; do $b mv d x; $b ln -s /prey/d d; $b rm d; $b mv x d; done';
    const done = outcomeOf(await containers.start('swaps', ['sh', '-c', swap]));
    const pid = Number(await output(machine, 'cat /sys/fs/cgroup/docker/swaps/cgroup.procs | head -n 1'));
    const content = utf8('x');
    const many = writeTar(Array.from({ length: 200 }, (_, index) => ({ path: `d/${index}`, data: content })));
    for (let turn = 0; turn < 4; turn++) await extract({ pid, path: '/w' }, many).catch(() => undefined);
    expect(await output(machine, 'ls /prey/d | wc -l')).toBe('0\n');
    const inside = await output(machine, `find /proc/${pid}/root/prey/d /proc/${pid}/root/w -type f 2>/dev/null | wc -l`);
    expect(Number(inside)).toBeGreaterThan(0);
    await containers.guest.processes.signal('swaps', 9);
    await done;
    await containers.remove('swaps');
  });

  test('a folder with more names than an answer holds is listed whole', async () => {
    const name = 'n'.repeat(60);
    await output(machine, `mkdir /root/many && cd /root/many && seq 3000 | sed s/^/${name}/ | xargs touch`);
    const [listed, other] = await containers.guest.facts.inspect([
      { op: 'list', path: '/root/many' },
      { op: 'list', path: '/root/none' },
    ]);
    expect(listed?.errno).toBe(0);
    expect(new Set(listed?.names)).toEqual(new Set(Array.from({ length: 3000 }, (_, index) => `${name}${index + 1}`)));
    expect(other?.errno).toBe(2);
  });
});
