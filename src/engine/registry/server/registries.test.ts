import { expect, test } from 'vitest';
import { contentsOfRegistries, openRegistries } from './registries.ts';
import { testRegistries } from './testing/client.ts';

test('what was pushed comes back with a snapshot that is JSON, and has no password in it', async () => {
  const before = testRegistries();
  await before.hub.login('me:correct horse');
  const digest = await before.hub.pushImage('me/app', '1');
  await before.private.login('team:battery staple');
  await before.private.pushImage('app', '2');
  const text = JSON.stringify(before.registries.snapshot());
  for (const word of ['correct horse', 'battery staple', Buffer.from('correct horse').toString('hex'), btoa('me:correct horse')])
    expect(text).not.toContain(word);

  const after = testRegistries(before.blobs);
  after.registries.restore(await openRegistries(after.content, JSON.parse(text)));
  expect(after.registries.repositories()).toEqual(before.registries.repositories());
  expect(JSON.stringify(after.registries.snapshot())).toBe(text);
  expect([...(await after.kept())].sort()).toEqual([...new Set(contentsOfRegistries(after.registries.snapshot()))].sort());
  expect(await after.hub.send(`GET /v2/me/app/manifests/${digest}`)).toMatchObject({ status: 200 });
  expect(await after.hub.login('me:something else')).toMatchObject({ status: 401 });
  expect(await after.hub.login('me:correct horse')).toMatchObject({ status: 200 });
  expect(await after.private.login('team:battery staple')).toMatchObject({ status: 200 });
});

test('the same password is another hash for each account', async () => {
  const { hub, registries } = testRegistries();
  await hub.login('me:password');
  await hub.login('you:password');
  const hashes = registries.snapshot().flatMap(({ accounts }) => accounts.map(({ hash }) => hash));
  expect(new Set(hashes).size).toBe(2);
});

test('a restore takes the place of all there is, uploads under way included', async () => {
  const { hub, registries, kept } = testRegistries();
  const nothing = registries.snapshot();
  await hub.login('me:password');
  await hub.pushImage('me/app', '1');
  const { headers } = await hub.send('POST /v2/me/app/blobs/uploads/');
  registries.restore(nothing.map((host) => ({ ...host, accounts: [], repositories: [] })));
  expect(registries.repositories()).toEqual([]);
  await hub.login('me:another password');
  expect(await hub.send(`PATCH ${headers['location'] ?? ''}`, { body: 'x' })).toMatchObject({ status: 404 });
  expect(await kept()).toEqual([]);
});

test('the next engine over the same store, which was not restored, has nothing and keeps nothing', async () => {
  const before = testRegistries();
  await before.hub.login('me:password');
  await before.hub.pushImage('me/app', '1');
  before.content.close();
  await before.registries.dispose();
  const after = testRegistries(before.blobs);
  expect(await after.kept()).toEqual([]);
  expect(await after.hub.send('GET /v2/_catalog')).toMatchObject({ text: '{"repositories":[]}\n' });
});

test('who lets go of the registries ends the uploads under way', async () => {
  const { hub, registries, clock } = testRegistries();
  await hub.login('me:password');
  const { headers } = await hub.send('POST /v2/me/app/blobs/uploads/');
  await registries.dispose();
  expect(clock.next).toBeNull();
  expect(await hub.send(`GET ${headers['location'] ?? ''}`)).toMatchObject({ status: 404 });
});

test('a snapshot is refused that is none, or whose contents are gone', async () => {
  const { hub, registries, content } = testRegistries();
  await hub.login('me:password');
  await hub.pushImage('me/app', '1');
  await expect(openRegistries(content, [{ host: 'x' }])).rejects.toMatchObject({ kind: 'invalid' });
  await expect(openRegistries(testRegistries().content, registries.snapshot())).rejects.toMatchObject({ kind: 'not_found' });
});

test('a host is one of two by its name, in any case', () => {
  const { registries } = testRegistries();
  expect(registries.hosts()).toEqual(['docker.io', 'dockerhub.myprivateregistry.com']);
  expect(registries.handlerFor('DockerHub.MyPrivateRegistry.com')).not.toBeNull();
  expect(registries.handlerFor('example.org')).toBeNull();
});
