import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromUtf8 } from '../../../src/base/bytes.ts';
import { readAll } from '../../../src/base/streams.ts';
import { readTar, type TarEntry } from '../../../src/base/tar.ts';
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
  const entries = async (tree: AgentRecordInput<'archiveSpec'>): Promise<Map<string, TarEntry>> =>
    new Map([...readTar(await archive(tree))].map((entry) => [entry.path, entry]));

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
    await containers.remove('upper');
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
        for (const entry of (await entries({ pid, path, name: 'n', follow: 1 }).catch(() => new Map<string, TarEntry>())).values()) {
          kinds.add(`${entry.path} ${entry.type}`);
          if (entry.type === 'file') texts.add(fromUtf8(entry.data));
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
    const [entry] = readTar(concatBytes(pieces));
    expect(entry?.data.length).toBe(8 * 2 ** 20);
    await output(machine, 'rm /root/big');
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
