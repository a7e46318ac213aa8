import { beforeEach, expect, test } from 'vitest';
import { testRegistries, type TestRegistries } from './testing/client.ts';

let all: TestRegistries;

beforeEach(() => {
  all = testRegistries();
});

const challenge = { 'www-authenticate': 'Basic realm="Drydock hub"' };

test('signing in makes an account of any name, and from then on its password is the one', async () => {
  expect(await all.hub.send('GET /v2/')).toMatchObject({ status: 401, headers: challenge, error: 'UNAUTHORIZED: authentication required' });
  expect(await all.hub.login('username:password')).toMatchObject({ status: 200, text: '{}\n' });
  expect(await all.hub.login('username:password')).toMatchObject({ status: 200 });
  expect(await all.hub.login('username:passwort')).toMatchObject({
    status: 401,
    headers: challenge,
    error: 'UNAUTHORIZED: incorrect username or password',
  });
  expect(await all.hub.login('Username:password')).toMatchObject({ status: 200 });
  expect(all.registries.snapshot().flatMap(({ accounts }) => accounts.map(({ name }) => name))).toEqual(['username']);
});

test('a password shorter than eight characters makes no account, and says why', async () => {
  expect((await all.hub.login('me:short')).error).toBe(
    'UNAUTHORIZED: a new account needs a password of at least 8 characters; this registry is part of the playground: use no real password',
  );
  expect(await all.hub.login('me:password')).toMatchObject({ status: 200 });
  expect((await all.hub.login('me:short')).error).toBe('UNAUTHORIZED: incorrect username or password');
});

test.each(['library', 'a b', '', 'a/b', '../x', 'a'.repeat(65), 'ä'])('"%s" is no name of an account', async (name) => {
  expect(await all.hub.login(`${name}:password`)).toMatchObject({ status: 401 });
  expect(all.registries.snapshot().flatMap(({ accounts }) => accounts)).toEqual([]);
});

test("a push with credentials that are nobody's makes no account", async () => {
  const as = 'me:password';
  expect(await all.hub.send('POST /v2/me/app/blobs/uploads/', { as })).toMatchObject({
    status: 401,
    error: 'UNAUTHORIZED: incorrect username or password',
  });
  expect(await all.hub.send('HEAD /v2/', { as })).toMatchObject({ status: 401 });
  expect(all.registries.snapshot().flatMap(({ accounts }) => accounts)).toEqual([]);
});

test.each(['Bearer abc', 'Basic', 'Basic %%%', `Basic ${'a'.repeat(10_000)}`, 'constructor x'])(
  '"%.20s" signs nobody in',
  async (authorization) => {
    expect(await all.hub.send('GET /v2/', { headers: { authorization } })).toMatchObject({ status: 401 });
  },
);

test('at the hub everybody pulls, and only the account of that name pushes', async () => {
  await all.hub.login('me:password');
  await all.hub.pushImage('me/app', '1');
  await all.hub.login('other:password');
  const denied = 'DENIED: requested access to the resource is denied';
  for (const name of ['me/app', 'library/python', 'otherwise/app', 'other'])
    expect(await all.hub.send(`POST /v2/${name}/blobs/uploads/`)).toMatchObject({ status: 403, error: denied });
  expect(await all.hub.send('DELETE /v2/me/app/manifests/1')).toMatchObject({ status: 403, error: denied });
  expect(await all.hub.send('POST /v2/me/app/blobs/uploads/', { as: '' })).toMatchObject({
    status: 401,
    headers: challenge,
    error: denied,
  });
  expect(await all.hub.send('GET /v2/me/app/manifests/1', { as: '' })).toMatchObject({ status: 200 });
  // Some clients send empty ones that have none.
  expect(await all.hub.send('GET /v2/me/app/manifests/1', { as: ':' })).toMatchObject({ status: 200 });
});

test('the private registry wants an account for everything, and its accounts are not those of the hub', async () => {
  const { private: company, hub } = all;
  await hub.login('me:password');
  expect(await company.send('GET /v2/')).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Basic realm="Drydock private registry"' },
  });
  expect(await company.send('GET /v2/app/tags/list')).toMatchObject({ status: 401, error: 'UNAUTHORIZED: authentication required' });
  expect(await company.send('GET /v2/app/tags/list', { as: 'me:password' })).toMatchObject({ status: 401 });
  await company.login('team:password');
  await company.pushImage('my-python-app', '1');
  expect(await company.send('GET /v2/my-python-app/manifests/1', { as: '' })).toMatchObject({ status: 401 });
  expect(await hub.send('GET /v2/my-python-app/manifests/1')).toMatchObject({ status: 404 });
  await company.login('second:password');
  expect(await company.send('GET /v2/my-python-app/tags/list')).toMatchObject({ text: '{"name":"my-python-app","tags":["1"]}\n' });
});

test('many wrong passwords at once are turned away', async () => {
  await all.hub.login('me:password');
  const tries = await Promise.all(Array.from({ length: 40 }, (_, at) => all.hub.send('GET /v2/', { as: `me:wrong-${at}` })));
  const statuses = tries.map(({ status }) => status);
  expect(statuses.filter((status) => status === 429)).toHaveLength(8);
  expect(statuses.filter((status) => status === 401)).toHaveLength(32);
  expect(await all.hub.login('me:password')).toMatchObject({ status: 200 });
});

test('a host has at most a hundred accounts', async () => {
  for (let at = 0; at < 100; at += 1) expect(await all.hub.login(`name${at}:password`)).toMatchObject({ status: 200 });
  expect((await all.hub.login('another:password')).error).toBe('UNAUTHORIZED: this registry has at most 100 accounts');
  expect(await all.hub.login('name7:password')).toMatchObject({ status: 200 });
}, 60_000);

test('what is refused has a detail, without which Docker leaves the message out and tries again', async () => {
  await all.hub.login('me:password');
  const refused = await all.hub.send('POST /v2/other/app/blobs/uploads/');
  expect(JSON.parse(refused.text)).toEqual({
    errors: [
      {
        code: 'DENIED',
        message: 'requested access to the resource is denied',
        detail: [{ Type: 'repository', Name: 'other/app', Action: 'push' }],
      },
    ],
  });
  const unknown = await all.private.send('GET /v2/app/tags/list');
  expect(JSON.parse(unknown.text)).toMatchObject({ errors: [{ code: 'UNAUTHORIZED', detail: { scheme: 'Basic' } }] });
});
