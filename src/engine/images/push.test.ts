/** Push and pull through the registries of the app. */
import { expect, test } from 'vitest';
import type { RegistryAuth } from '../registry/hosts.ts';
import type { Source } from '../source.ts';
import { testLayout } from './testing/layout.ts';
import { testStore } from './testing/store.ts';

const { signal } = new AbortController();
const ann = { username: 'ann', password: 'secret-12' };
const privateHost = 'dockerhub.myprivateregistry.com';

async function last<T>(source: Source<T>): Promise<T | null> {
  let found: T | null = null;
  for (let message = await source.read(); message !== null; message = await source.read()) found = message;
  return found;
}

async function store() {
  const layers = [[{ path: 'bin/sh', data: 'shell' }], [{ path: 'app', data: 'a'.repeat(3_000_000) }]];
  const made = testStore(testLayout([{ name: 'docker.io/library/app:latest', layers }]).fetchBlob);
  await made.pull('app');
  const push = async (name: string, auth: RegistryAuth = {}) => last(await made.images.push({ name, tag: '', platform: '', auth, signal }));
  const pull = async (image: string, auth: RegistryAuth = {}) =>
    last(await made.images.pull({ image, tag: '', platform: '', auth, signal }));
  const remove = (name: string) => made.images.remove(name, { force: false, prunesParents: true, platforms: [] });
  return { ...made, push, pull, remove };
}

test.each(['ann/my-python-app:1', `${privateHost}/ann/my-python-app:1`])(
  '%s comes back with the digest it was pushed with',
  async (name) => {
    const { images, push, pull, remove, events } = await store();
    const { Id: id } = await images.inspect('app');
    await images.tag('app', name.slice(0, name.lastIndexOf(':')), '1');
    await images.login(name.startsWith(privateHost) ? privateHost : '', ann, signal);
    const aux = (await push(name, ann))?.aux;
    expect(aux?.Tag).toBe('1');
    expect(events().at(-1)).toBe(`push ${name}`);
    await remove(name);
    await remove('app');
    await images.settled();
    expect(images.totals().images).toBe(0);
    expect((await pull(name, ann))?.status).toBe(`Status: Downloaded newer image for ${name}`);
    const pulled = await images.inspect(name);
    expect([pulled.Id, pulled.RepoDigests]).toEqual([id, [`${name.replace(/:1$/, '')}@${aux?.Digest}`]]);
  },
);

test('the hub denies whoever is not who the name is of, the private registry asks for a name', async () => {
  const { images, push, pull } = await store();
  await images.tag('app', 'ann/app', 'latest');
  await images.tag('app', `${privateHost}/app`, 'latest');
  const denied = 'denied: requested access to the resource is denied';
  expect((await push('ann/app:latest'))?.error).toBe(denied);
  await images.login('', { ...ann, username: 'bob' }, signal);
  expect((await push('ann/app:latest', { ...ann, username: 'bob' }))?.error).toBe(denied);
  expect((await push(`${privateHost}/app:latest`))?.error).toBe('no basic auth credentials');
  await expect(pull(`${privateHost}/app:latest`)).rejects.toThrow('no basic auth credentials');
  await expect(pull('ann/app:latest')).rejects.toThrow(
    "pull access denied for ann/app, repository does not exist or may require 'docker login'",
  );
});

test('a push to a platform that the image is not of is refused before it begins', async () => {
  const { images } = await store();
  await expect(images.push({ name: 'app:latest', tag: '', platform: 'linux/arm64', auth: {}, signal })).rejects.toThrow(
    'image with reference app:latest was found but its platform (linux/386) does not match the specified platform (linux/arm64)',
  );
});

test('a host that nobody has is told in words of Docker, and that nothing is reached there', async () => {
  const { images, push, pull } = await store();
  await images.tag('app', 'registry.example.org/app', 'latest');
  const why = 'Get "https://registry.example.org/v2/": dial tcp: lookup registry.example.org: no such host';
  expect((await push('registry.example.org/app'))?.error).toBe(why);
  await expect(pull('registry.example.org/app:1')).rejects.toThrow(`${why}. This playground reaches no registry there`);
});
