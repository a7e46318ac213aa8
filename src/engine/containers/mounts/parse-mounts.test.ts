import { describe, expect, it } from 'vitest';
import { hostConfigSchema } from '../../../protocol/engine-api.ts';
import { restoreEngine, snapshotEngine } from '../../snapshot.ts';
import { createTestEngine } from '../../testing/engine.ts';
import { startContainer } from '../verbs/start.ts';
import { declaredVolumes, parseMounts } from './parse-mounts.ts';

const parse = (hostConfig: Readonly<Record<string, unknown>>) => parseMounts(hostConfigSchema.parse(hostConfig));

const asked = {
  Binds: ['/a/:/x/../y:ro,rshared'],
  Tmpfs: { '/scratch/': 'size=1m' },
  Mounts: [
    { Type: 'bind', Source: '/b', Target: '/z', BindOptions: { NonRecursive: true, CreateMountpoint: true } },
    { Type: 'tmpfs', Target: '/t', ReadOnly: true, TmpfsOptions: { SizeBytes: 4096, Mode: 0o700 } },
  ],
};

describe('the mounts of a container', () => {
  it('are binds and tmpfs, each with all that was asked of it', () => {
    expect(parse(asked)).toEqual([
      {
        type: 'bind',
        source: '/a',
        target: '/y',
        mode: 'ro,rshared',
        readOnly: true,
        propagation: 'rshared',
        recursive: true,
        creates: true,
      },
      { type: 'bind', source: '/b', target: '/z', mode: '', readOnly: false, propagation: 'rprivate', recursive: false, creates: true },
      { type: 'tmpfs', target: '/scratch', options: 'size=1m', readOnly: false, listed: false },
      { type: 'tmpfs', target: '/t', options: 'ro,mode=700,size=4096', readOnly: true, listed: true },
    ]);
  });

  it('have the volumes that image or user declared, where nothing else is mounted', () => {
    const all = { Volumes: { '/data': {}, '/data/': {}, '/y': {}, '/log': {} } };
    expect(declaredVolumes(all, { Volumes: { '/log/': {} } }, parse(asked))).toEqual([
      { type: 'volume', target: '/data', asked: false },
      { type: 'volume', target: '/log', asked: true },
    ]);
  });

  it('put no folder where a file may be bound', async () => {
    const engine = createTestEngine();
    await startContainer(engine.context, engine.create({ Image: 'volumes', HostConfig: { Binds: ['/a.txt:/var/data'] } }));
    expect(engine.machine.started[0]?.folders).toEqual([]);
    await startContainer(engine.context, engine.create({ Image: 'volumes' }));
    expect(engine.machine.started[1]?.folders).toEqual(['/var/data']);
  });

  it('go with the container through a snapshot', () => {
    const engine = createTestEngine();
    const id = engine.create({ Image: 'volumes', HostConfig: asked });
    const { mounts } = engine.context.store.find(id);
    expect(mounts).toHaveLength(5);
    const copy = createTestEngine();
    restoreEngine(copy, JSON.parse(JSON.stringify(snapshotEngine(engine))));
    expect(copy.context.store.find(id).mounts).toEqual(mounts);
  });
});
