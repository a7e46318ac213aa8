import { describe, expect, it } from 'vitest';
import { hostConfigSchema } from '../../../protocol/engine-api.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { createTestEngine } from '../../testing/engine.ts';
import { removeByReference } from '../verbs/remove.ts';
import { startContainer } from '../verbs/start.ts';
import { isImage } from './mount.ts';
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
        readOnlyBelow: true,
        contradictory: false,
        creates: true,
      },
      {
        type: 'bind',
        source: '/b',
        target: '/z',
        mode: '',
        readOnly: false,
        propagation: 'rprivate',
        recursive: false,
        readOnlyBelow: true,
        contradictory: false,
        creates: true,
      },
      { type: 'tmpfs', target: '/scratch', options: 'size=1m', readOnly: false, listed: false },
      { type: 'tmpfs', target: '/t', options: 'ro,mode=700,size=4096', readOnly: true, listed: true },
    ]);
  });

  it('have the volumes that image or user declared, where nothing else is mounted', () => {
    const all = { Volumes: { '/data': {}, '/data/': {}, '/y': {}, '/log': {} } };
    const anonymous = {
      name: '',
      mode: '',
      readOnly: false,
      anonymous: true,
      copies: true,
      subpath: '',
      labels: { 'com.docker.volume.anonymous': '' },
    };
    expect(declaredVolumes(all, '', parse(asked))).toEqual([
      { type: 'volume', target: '/data', driver: '', options: null, ...anonymous },
      { type: 'volume', target: '/log', driver: '', options: null, ...anonymous },
    ]);
  });

  it('have no volume where a file is bound', async () => {
    const engine = createTestEngine();
    await startContainer(engine.context, engine.create({ Image: 'volumes', HostConfig: { Binds: ['/a.txt:/var/data'] } }));
    const targets = (index: number) =>
      engine.machine.started[index]?.mounts
        ?.filter(({ type }) => type === 'bind')
        .map(({ source = '', target }) => [source.replace(/[0-9a-f]{64}/, 'ID'), target]);
    expect(targets(0)).toEqual([['/a.txt', '/var/data']]);
    await startContainer(engine.context, engine.create({ Image: 'volumes' }));
    expect(targets(1)).toEqual([['/var/lib/docker/volumes/ID/_data', '/var/data']]);
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

  it('are parts of volumes and images as far as their paths stay inside', () => {
    const volume = (Subpath: string) => parse({ Mounts: [{ Type: 'volume', Source: 'v', Target: '/x', VolumeOptions: { Subpath } }] });
    expect(volume('a//./b/../c/')).toMatchObject([{ type: 'volume', name: 'v', subpath: 'a/c' }]);
    expect(volume('.')).toMatchObject([{ subpath: '' }]);
    for (const outside of ['..', '../x', 'a/../../b', '/a'])
      expect(() => volume(outside)).toThrow('invalid mount config for type "volume": subpath must be a relative path within the volume');
    const image = { Type: 'image', Source: 'busybox', Target: '/i/', ImageOptions: { Subpath: 'etc' } };
    expect(parse({ Mounts: [image] })).toEqual([{ type: 'image', name: 'busybox', target: '/i', subpath: 'etc' }]);
    expect(() => parse({ Mounts: [{ ...image, Source: '' }] })).toThrow('field Source must not be empty');
  });

  it('of images have a layer of their own for as long as the container is there', async () => {
    const engine = createTestEngine();
    const id = engine.create({ Image: 'volumes', HostConfig: { Mounts: [{ Type: 'image', Source: 'volumes', Target: '/i' }] } });
    const mount = engine.context.store.find(id).mounts.find(isImage);
    const merged = `/data/overlay2/${mount?.id}/merged`;
    await startContainer(engine.context, id);
    expect(engine.machine.mounted.has(merged)).toBe(true);
    expect(engine.machine.started[0]?.mounts).toContainEqual(expect.objectContaining({ source: merged, target: '/i' }));
    await removeByReference(engine.context, id, { force: true, volumes: false, link: false });
    expect(engine.machine.mounted.has(merged)).toBe(false);
  });
});
