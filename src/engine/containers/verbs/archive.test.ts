import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { readAll, sourceOf } from '../../../base/streams.ts';
import { readArchive } from '../../../base/testing/tar.ts';
import { writeTar } from '../../images/testing/tar-writer.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { goMode } from '../../../grammar/file-mode.ts';
import { absolutePath } from '../files/path-stat.ts';
import { archiveContainerPath, exportContainer, statContainerPath } from './archive.ts';
import { extractToContainer } from './extract.ts';
import { startContainer } from './start.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { VolumeStore } from '../../volumes/store.ts';
import { volumeUsers } from '../run/volume-users.ts';

const hello = (): ReturnType<typeof sourceOf> => sourceOf(writeTar([{ path: 'f', data: utf8('hello') }]));
const plain = { noOverwriteDirNonDir: false, copyUIDGID: false };

function container(engine: TestEngine, HostConfig: Readonly<Record<string, unknown>> = {}): string {
  return engine.create({ Cmd: ['sleep', '1000'], HostConfig }, 'web');
}

describe('files of a container', () => {
  it('are put into one that was never started, read again from it, and nothing stays mounted', async () => {
    const engine = createTestEngine();
    container(engine);
    await extractToContainer(engine.context, 'web', { path: '/', ...plain }, hello());
    const { stat, archive } = await archiveContainerPath(engine.context, 'web', 'f');
    expect(stat).toMatchObject({ name: 'f', size: 5, mode: 0o644, linkTarget: '' });
    expect(engine.machine.mounted.size).toBe(1);
    const [entry] = readArchive(await readAll(archive));
    expect([entry?.path, fromUtf8(entry?.data ?? new Uint8Array())]).toEqual(['f', 'hello']);
    expect(engine.machine.mounted.size).toBe(0);
    expect(engine.events().slice(-2)).toEqual(['extract-to-dir', 'archive-path']);
  });

  it('are let go when nobody reads the archive to its end', async () => {
    const engine = createTestEngine();
    container(engine);
    await extractToContainer(engine.context, 'web', { path: '/', ...plain }, hello());
    (await exportContainer(engine.context, 'web')).cancel();
    await expect.poll(() => engine.machine.mounted.size).toBe(0);
  });

  it('of one that runs are those of its first process', async () => {
    const engine = createTestEngine();
    const id = container(engine);
    await startContainer(engine.context, id);
    engine.machine.processOf(id).files.set('/data/x', 'inside');
    await extractToContainer(engine.context, id, { path: '/data/', ...plain }, hello());
    expect(engine.machine.processOf(id).files.get('/data/f')).toBe('hello');
    expect(engine.machine.mounted.size).toBe(0);
  });

  it('of one whose process ends while they are looked at are found, as those of one that has ended', async () => {
    const engine = createTestEngine();
    const id = container(engine);
    await startContainer(engine.context, id);
    await extractToContainer(engine.context, id, { path: '/', ...plain }, hello());
    engine.machine.processOf(id).signal(9);
    // Nobody has heard of its end yet.
    expect(engine.context.store.find(id).run).not.toBeNull();
    expect(await statContainerPath(engine.context, id, '/f')).toMatchObject({ name: 'f', size: 5 });
    expect(engine.context.store.find(id).run).toBeNull();
    await startContainer(engine.context, id);
    engine.machine.processOf(id).signal(9);
    const { archive } = await archiveContainerPath(engine.context, id, '/f');
    expect(readArchive(await readAll(archive)).map(({ path }) => path)).toEqual(['f']);
    await startContainer(engine.context, id);
    await expect(statContainerPath(engine.context, id, '/nothing')).rejects.toThrow('Could not find the file /nothing in container');
    engine.machine.processOf(id).signal(9);
    await expect(statContainerPath(engine.context, id, '/nothing')).rejects.toThrow('Could not find the file /nothing in container');
    expect(engine.machine.mounted.size).toBe(0);
  });

  it('in a volume are put into and read from that, though nothing is mounted, and its mount is there meanwhile only', async () => {
    const engine = createTestEngine();
    engine.context.volumes.create({ name: 'ram', driver: 'local', labels: null, options: { type: 'tmpfs', device: 'tmpfs' } });
    container(engine, { Binds: ['data:/d/e', 'ram:/ram', 'fixed:/fixed:ro'] });
    await extractToContainer(engine.context, 'web', { path: '/d/e', ...plain }, hello());
    expect(engine.machine.volumeFiles.get('/var/lib/docker/volumes/data/_data')?.get('/f')).toBe('hello');
    expect(engine.machine.volumeMounts.size).toBe(0);
    const { archive } = await archiveContainerPath(engine.context, 'web', '/d/e/f');
    expect(engine.machine.volumeMounts.size).toBe(1);
    await readAll(archive);
    expect(engine.machine.volumeMounts.size).toBe(0);
    await expect(extractToContainer(engine.context, 'web', { path: '/fixed', ...plain }, hello())).rejects.toMatchObject({
      message: 'mounted volume is marked read-only',
    });
  });

  it('of which somebody read when the machine was saved are let go of by the restore, with the volumes that were mounted for it', async () => {
    const engine = createTestEngine();
    const { machine, log } = engine;
    engine.context.volumes.create({ name: 'ram', driver: 'local', labels: null, options: { type: 'tmpfs', device: 'tmpfs' } });
    container(engine, { Binds: ['ram:/ram'], NetworkMode: 'none' });
    await extractToContainer(engine.context, 'web', { path: '/ram', ...plain }, hello());
    await archiveContainerPath(engine.context, 'web', '/ram/f');
    expect([machine.volumeMounts.size, machine.mounted.size]).toEqual([1, 1]);
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(engine)));
    const fresh = createTestEngine();
    const context = {
      ...fresh.context,
      runtime: machine,
      volumes: new VolumeStore(machine.volumes, volumeUsers(fresh.context.store), log, fresh.clock),
    };
    restoreEngine({ context, log: fresh.log }, saved);
    await expect.poll(() => [machine.volumeMounts.size, machine.mounted.size]).toEqual([0, 0]);
    expect(context.volumes.snapshot().mounted).toEqual([]);
    // Who uses it from now on has it mounted again.
    await startContainer(context, 'web');
    expect(machine.volumeMounts.size).toBe(1);
  });

  it("are refused in Docker's words", async () => {
    const engine = createTestEngine();
    const id = container(engine, { ReadonlyRootfs: true, Binds: ['/a:/ro:ro', '/b:/rw'] });
    await startContainer(engine.context, id);
    for (const path of ['/ro/x', '/rw/x', '/etc/passwd']) engine.machine.processOf(id).files.set(path, '');
    const put = (path: string) => extractToContainer(engine.context, 'web', { path, ...plain }, hello());
    await expect(put('/etc')).rejects.toMatchObject({ kind: 'invalid', message: 'container rootfs is marked read-only' });
    await expect(put('/ro')).rejects.toMatchObject({ kind: 'invalid', message: 'mounted volume is marked read-only' });
    await expect(put('/etc/passwd')).rejects.toMatchObject({ kind: 'invalid', message: 'extraction point is not a directory' });
    await expect(put('/none')).rejects.toMatchObject({ kind: 'not_found', message: 'Could not find the file /none in container web' });
    await expect(statContainerPath(engine.context, 'web', 'none')).rejects.toThrow('Could not find the file none in container web');
    await put('/rw');
  });
});

it('what a path ends with is kept when it is made absolute', () => {
  const paths = ['/', '.', 'etc/', '/etc/.', '/etc//x', '../x'];
  expect(paths.map(absolutePath)).toEqual(['/', '/.', '/etc/', '/etc/.', '/etc/x', '/x']);
});

it("modes are Go's", () => {
  expect([0o100644, 0o040755, 0o120777, 0o041777].map(goMode)).toEqual([420, 2147484141, 134218239, 2148532735 - 0]);
});
