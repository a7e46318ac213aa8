import { expect, test } from 'vitest';
import { memoryTars } from '../content/memory.ts';
import { hubHost } from '../registry/server/registries.ts';
import { TestClient } from '../registry/server/testing/client.ts';
import { contentsOf } from './snapshot.ts';
import { testStore, type TestStore } from './testing/store.ts';

const nothingFetched = (): Promise<never> => Promise.reject(new Error('nothing is fetched'));

function hubOf({ images }: TestStore): TestClient {
  const handler = images.registries.handlerFor(hubHost);
  if (handler === null) throw new Error('there is no hub');
  return new TestClient(handler, hubHost);
}

test('what was pushed to a registry of the app is kept with the images, and comes back with a checkpoint', async () => {
  const before = testStore(nothingFetched);
  const hub = hubOf(before);
  await hub.login('me:password');
  const digest = await hub.pushImage('me/app', '1');
  const saved = before.images.snapshot();
  expect(contentsOf(saved)).toContain(digest);
  expect(contentsOf(saved)).toHaveLength(3);
  before.images.sweep();
  await before.images.settled();
  expect(await before.blobs.list()).toHaveLength(3);
  await before.images.dispose();

  const after = testStore(nothingFetched, memoryTars(), before.blobs);
  after.images.restore(await after.images.open(JSON.parse(JSON.stringify(saved))));
  await after.images.settled();
  expect(after.images.registries.repositories()).toEqual([{ host: hubHost, name: 'me/app', tags: [['1', digest]] }]);
  expect(await hubOf(after).send('GET /v2/me/app/manifests/1')).toMatchObject({ status: 200 });
  expect(await hubOf(after).login('me:passwort')).toMatchObject({ status: 401 });
});

test('a store that is not restored has no repositories, and what they named is deleted', async () => {
  const before = testStore(nothingFetched);
  const hub = hubOf(before);
  await hub.login('me:password');
  await hub.pushImage('me/app', '1');
  await before.images.dispose();
  const after = testStore(nothingFetched, memoryTars(), before.blobs);
  after.images.sweep();
  await after.images.settled();
  expect(after.images.registries.repositories()).toEqual([]);
  expect(await after.blobs.list()).toEqual([]);
});

test('a snapshot of before there were registries has none', async () => {
  const { images } = testStore(nothingFetched);
  const { registries: _, ...older } = images.snapshot();
  expect((await images.open(older)).registries).toEqual([]);
});
