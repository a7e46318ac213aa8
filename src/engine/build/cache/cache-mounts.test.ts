import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { createTestEngine, countingRandom, type TestEngine } from '../../testing/engine.ts';
import { BuildCache } from './build-cache.ts';
import { CacheFolders } from './cache-folders.ts';
import { CacheMounts, type CacheMountRequest } from './cache-mounts.ts';

const { signal } = new AbortController();
let engine: TestEngine;
let cache: BuildCache;
let folders: CacheFolders;
let mounts: CacheMounts;
beforeEach(() => {
  engine = createTestEngine();
  folders = new CacheFolders(engine.context);
  cache = new BuildCache({
    keep: () => ({ dispose: () => undefined }),
    forget: (id) => folders.forget(id),
    clock: engine.clock,
    random: countingRandom(),
  });
  mounts = new CacheMounts(cache, folders);
});

const request = (asked: Partial<CacheMountRequest> = {}): CacheMountRequest => ({
  id: 'pip',
  sharing: 'shared',
  owner: { mode: null, uid: null, gid: null },
  seed: null,
  from: '',
  parent: '',
  description: 'cached mount /c',
  ...asked,
});

test('a folder that is shared is one for all who ask at once, and is found again', async () => {
  const [one, other] = await Promise.all([mounts.use(request(), signal), mounts.use(request(), signal)]);
  expect(other.folder).toBe(one.folder);
  await one.release();
  expect(cache.isInUse(cache.all()[0]?.id ?? '')).toBe(true);
  await other.release();
  expect((await mounts.use(request(), signal)).folder).toBe(one.folder);
  expect(cache.all().map(({ type, usageCount, description }) => [type, usageCount, description])).toEqual([
    ['exec.cachemount', 3, 'cached mount /c'],
  ]);
});

test.each([
  ['another ID', { id: 'apt' }],
  ['another owner', { owner: { mode: 0o700, uid: 5, gid: null } }],
  ['other files at its beginning', { from: 'sha256:1' }],
])('%s is another folder', async (_, other) => {
  const first = await mounts.use(request(), signal);
  expect((await mounts.use(request(other), signal)).folder).not.toBe(first.folder);
});

test('a private folder is nobody else’s meanwhile, and free for the next', async () => {
  const one = await mounts.use(request({ sharing: 'private' }), signal);
  const other = await mounts.use(request({ sharing: 'private' }), signal);
  expect(other.folder).not.toBe(one.folder);
  await one.release();
  expect((await mounts.use(request({ sharing: 'private' }), signal)).folder).toBe(one.folder);
});

test('a locked folder is waited for, in the order in which they came, and who is called off waits no more', async () => {
  const one = await mounts.use(request({ sharing: 'locked' }), signal);
  const control = new AbortController();
  const called = mounts.use(request({ sharing: 'locked' }), control.signal);
  const next = mounts.use(request({ sharing: 'locked' }), signal);
  control.abort(new Error('called off'));
  await expect(called).rejects.toThrow('called off');
  let isThere = false;
  void next.then(() => (isThere = true));
  await Promise.resolve();
  expect(isThere).toBe(false);
  await one.release();
  expect((await next).folder).toBe(one.folder);
});

test('one that cannot be made leaves nothing, and the next tries again', async () => {
  engine.machine.failures.set('write', new AppError('internal', 'no space left on device'));
  await expect(mounts.use(request(), signal)).rejects.toThrow('no space left on device');
  expect(cache.all()).toEqual([]);
  await folders.settled();
  expect(folders.going()).toEqual([]);
  await mounts.use(request(), signal);
  expect(cache.all()).toHaveLength(1);
});

test('what could not be taken away is in the snapshot, and tried again', async () => {
  await (await mounts.use(request(), signal)).release();
  const id = cache.all()[0]?.id ?? '';
  engine.machine.failures.set('write', new AppError('internal', 'busy'));
  cache.remove(id);
  await folders.settled();
  expect(folders.going()).toEqual([id]);
  const restored = new CacheFolders(engine.context);
  restored.restore(folders.going());
  await restored.settled();
  expect(restored.going()).toEqual([]);
});
