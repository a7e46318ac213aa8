import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GuestAnswer } from '../../../src/protocol/playground.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';

describe('the files of containers that do not run', () => {
  let playground: LocalPlayground;

  beforeAll(async () => {
    playground = await createNodePlayground();
    await run('docker pull -q busybox');
  });
  afterAll(() => playground.dispose());

  let runs = 0;
  const run = async (line: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await playground.lines.run(line, { id: `run ${(runs += 1)}` });
    expect(stderr + stdout, line).not.toContain('Error response');
    expect(exitCode, line).toBe(0);
    return stdout;
  };
  const read = async (container: string, path: string): Promise<GuestAnswer | undefined> =>
    (await playground.files.inspect([{ target: { kind: 'container', container }, op: 'read', path }]))[0];

  test('are those of its image before its first start', async () => {
    await run('docker create --name fresh busybox');
    expect(await read('fresh', '/etc/passwd')).toMatchObject({ ok: true, text: expect.stringContaining('root:') });
    expect(await read('fresh', '/note')).toMatchObject({ ok: false, kind: 'not_found' });
  });

  test('are with what it wrote and without what it removed after it', async () => {
    await run('docker run --name wrote busybox sh -c "echo maple > /note; rm /etc/group"');
    expect(await read('wrote', '/note')).toMatchObject({ ok: true, text: 'maple\n' });
    expect(await read('wrote', '/etc/group')).toMatchObject({ ok: false, kind: 'not_found' });
    expect(await read('wrote', '/etc/passwd')).toMatchObject({ ok: true });
  });

  test('are written by export into folders of others for root, and refused to whom they are refused', async () => {
    await run('docker create --name whole busybox; docker export -o /lab/whole.tar whole; docker save -o /lab/saved.tar busybox');
    expect(
      await run('stat -c %u /lab; stat -c "%u %s" /lab/whole.tar | tr -d "\\n"; tar -tf /lab/saved.tar | grep -c manifest.json'),
    ).toMatch(/^1000\n0 \d{7,}1\n$/);
    expect(await run('su learner -c "docker export -o /whole.tar whole" 2>&1 || echo $?; ls /whole.tar 2>/dev/null || echo none')).toBe(
      'open /whole.tar: permission denied\n1\nnone\n',
    );
  });

  test('leave the memory of this process with it', async () => {
    const { machine } = playground.host;
    await run(`docker run --name holds busybox sh -c 'for i in 1 2 3 4 5 6 7 8; do cat /bin/busybox; done > /big; sync'`);
    const held = machine.diskBytes();
    expect(held).toBeGreaterThan(4_000_000);
    await run('docker rm holds');
    await expect.poll(() => machine.diskBytes(), { timeout: 30_000 }).toBeLessThan(held / 4);
  });

  test('that could not be removed when nobody waited are told of in the log, and removed once nothing is in the way', async () => {
    const { log } = playground.host;
    const removed = async (): Promise<readonly string[]> => {
      const { names = [] } = (await playground.host.guest.facts.inspect([{ op: 'list', path: '/var/lib/drydock/overlay2' }]))[0] ?? {};
      return names.filter((name) => name.startsWith('.removed-'));
    };
    const troubles = () => log.since(0).flatMap((entry) => (entry.kind === 'trouble' ? [entry] : []));
    const id = (await run('docker run -d --name held busybox sh -c "mkdir /m; exec sleep 1000"')).trim();
    const upper = `/var/lib/drydock/overlay2/${id}/diff`;
    await run(`until [ -d ${upper}/m ]; do usleep 10000; done; mount -t tmpfs none ${upper}/m && docker rm -f held`);
    await expect.poll(troubles, { timeout: 30_000 }).toHaveLength(1);
    const [left = ''] = await removed();
    expect(troubles()).toMatchObject([
      { container: id, message: `remove /var/lib/drydock/overlay2/${left}: device or resource busy`, over: false },
    ]);
    await run(`umount /var/lib/drydock/overlay2/${left}/diff/m; docker ps -q`);
    await expect.poll(() => troubles().map(({ over }) => over), { timeout: 30_000 }).toEqual([false, true]);
    expect(await removed()).toEqual([]);
  });

  test('may be read at any time: it starts, writes and is removed all the same', async () => {
    await run(`docker create --name busy busybox sh -c 'echo again >> /note'`);
    let reading = true;
    const reader = (async () => {
      while (reading) {
        await read('busy', '/note');
        // What the engine can refuse at once is answered without a turn of the event loop: nothing else would ever run.
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      for (let start = 0; start < 8; start += 1) await run('docker start -a busy');
      expect(await read('busy', '/note')).toMatchObject({ text: 'again\n'.repeat(8) });
      await run('docker rm busy');
    } finally {
      reading = false;
      await reader;
    }
    expect(await read('busy', '/note')).toMatchObject({ ok: false, kind: 'not_found' });
  });
});
