/** The registry client against Debian's docker-registry. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/support/tools.ts';
import { startDockerRegistry, type RunningRegistry } from '../../../test/support/docker-registry.ts';
import { AppError } from '../../base/errors.ts';
import { memoryTars, memoryBlobs } from '../../engine/content/memory.ts';
import { testLayout } from '../../engine/images/testing/layout.ts';
import { testStore } from '../../engine/images/testing/store.ts';
import type { RegistryAuth } from '../../engine/registry/hosts.ts';
import type { Source } from '../../engine/source.ts';
import { loopbackRegistries } from '../loopback-registries.ts';
import { dialLoopback } from './dial-loopback.ts';

const large = 'x'.repeat(5_000_000);
const layout = testLayout([
  { name: 'docker.io/library/app:latest', layers: [[{ path: 'bin/sh', data: 'shell' }], [{ path: 'app', data: large }]] },
  { name: 'docker.io/library/base:latest', layers: [[{ path: 'bin/sh', data: 'shell' }]] },
]);
const { signal } = new AbortController();
const ann = { username: 'ann', password: 'secret-12' };
const nobodyListens = { connect: () => Promise.reject(new AppError('unavailable', 'refused', { detail: { errno: 111 } })) };

async function all<T>(source: Source<T>): Promise<T[]> {
  const found: T[] = [];
  for (let message = await source.read(); message !== null; message = await source.read()) found.push(message);
  return found;
}

function machine() {
  const hosts = loopbackRegistries(() => nobodyListens, dialLoopback);
  const store = testStore(layout.fetchBlob, memoryTars(), memoryBlobs(), (source) => source, { hosts });
  const push = async (name: string, tag: string, auth: RegistryAuth = {}) =>
    all(await store.images.push({ name, tag, platform: '', auth, signal }));
  const pull = async (image: string, tag: string, auth: RegistryAuth = {}) =>
    all(await store.images.pull({ image, tag, platform: '', auth, signal }));
  return { ...store, push, pull };
}

describeWith(['docker-registry'], 'a registry of the loopback', () => {
  let open: RunningRegistry;
  let closed: RunningRegistry;
  beforeAll(async () => {
    open = await startDockerRegistry({ asks: false });
    closed = await startDockerRegistry({ asks: true });
  });
  afterAll(async () => {
    await open.stop();
    await closed.stop();
  });

  test('an image that is pushed is pulled again elsewhere with the same digest and ID', async () => {
    const name = `${open.host}/team/app`;
    const here = machine();
    await here.pull('app', 'latest');
    await here.images.tag('app', name, '1');
    const said = await here.push(name, '1');
    const { Id: id, RepoDigests: digests } = await here.images.inspect(`${name}:1`);
    const digest = digests.find((each) => each.startsWith(name))?.split('@')[1] ?? '';
    expect(digests).toContain(`app@${digest}`);
    expect(said.map(({ status }) => status).filter((status) => status !== 'Pushing' && status !== undefined)).toEqual([
      `The push refers to repository [${name}]`,
      'Preparing',
      'Preparing',
      'Pushed',
      'Pushed',
      expect.stringMatching(`^1: digest: ${digest} size: \\d+$`),
    ]);
    expect(said.at(-1)).toEqual({ progressDetail: {}, aux: { Tag: '1', Digest: digest, Size: expect.any(Number) as number } });
    expect(here.events().at(-1)).toBe(`push ${name}:1`);

    const again = await here.push(name, '1');
    expect(again.filter(({ status }) => status === 'Layer already exists')).toHaveLength(2);

    const there = machine();
    expect((await there.pull(name, '1')).at(-1)).toEqual({ status: `Status: Downloaded newer image for ${name}:1` });
    const pulled = await there.images.inspect(`${name}:1`);
    expect([pulled.Id, pulled.RepoDigests]).toEqual([id, [`${name}@${digest}`]]);
    expect((await there.pull(name, digest)).at(-1)?.status).toBe(`Status: Image is up to date for ${name}@${digest}`);
  });

  test('a layer that another repository of the registry has is mounted, not sent', async () => {
    const here = machine();
    await here.pull('base', 'latest');
    await here.images.tag('base', `${open.host}/first`, 'latest');
    await here.push(`${open.host}/first`, 'latest');
    await here.images.tag('base', `${open.host}/second`, 'latest');
    const said = await here.push(`${open.host}/second`, '');
    expect(said.map(({ status }) => status)).toContain('Mounted from first');
    expect((await machine().pull(`${open.host}/second`, 'latest')).at(-1)?.status).toContain('Downloaded newer image');
  });

  test('a registry that asks for a name takes the right one alone, in words of Docker', async () => {
    const name = `${closed.host}/ann/app`;
    const here = machine();
    await here.pull('app', 'latest');
    await here.images.tag('app', name, '1');
    expect((await here.push(name, '1')).at(-1)?.error).toBe('no basic auth credentials');
    expect((await here.push(name, '1', { ...ann, password: 'wrong' })).at(-1)?.error).toBe('unauthorized: authentication required');
    expect((await here.push(name, '1', ann)).at(-1)?.aux?.Tag).toBe('1');
    await expect(machine().pull(name, '1')).rejects.toThrow(
      `Head "http://${closed.host}/v2/ann/app/manifests/1": no basic auth credentials`,
    );
    await expect(machine().pull(name, '1', { ...ann, password: 'wrong' })).rejects.toThrow('unauthorized: authentication required');
    expect((await machine().pull(name, '1', ann)).at(-1)?.status).toContain('Downloaded newer image');
    await expect(here.images.login(closed.host, { ...ann, password: 'wrong' }, signal)).rejects.toThrow(
      `login attempt to http://${closed.host}/v2/ failed with status: 401 Unauthorized`,
    );
    expect(await here.images.login(closed.host, ann, signal)).toEqual({ IdentityToken: '', Status: 'Login Succeeded' });
  });

  test('what a registry does not have is said in words of Docker', async () => {
    const here = machine();
    await expect(here.pull(`${open.host}/nix`, '1')).rejects.toThrow(
      `manifest for ${open.host}/nix:1 not found: manifest unknown: manifest unknown`,
    );
    await expect(here.pull(`${open.host}/nix`, '')).rejects.toThrow(
      `repository ${open.host}/nix not found: name unknown: repository name not known to registry`,
    );
    await here.pull('app', 'latest');
    expect((await here.push(`${open.host}/nix`, '')).at(-1)?.error).toBe(`An image does not exist locally with the tag: ${open.host}/nix`);
    await here.images.tag('app', `${open.host}/nix`, '1');
    expect((await here.push(`${open.host}/nix`, '2')).at(-1)?.error).toBe(`tag does not exist: ${open.host}/nix:2`);
  });

  test('where nobody listens the connection is refused', async () => {
    const here = machine();
    await here.pull('app', 'latest');
    await here.images.tag('app', 'localhost:1/app', '1');
    const why = 'Get "http://localhost:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused';
    expect((await here.push('localhost:1/app', '1')).at(-1)?.error).toBe(why);
    await expect(here.pull('localhost:1/app', '1')).rejects.toThrow(why);
  });

  test('what a name stands for is told without pulling it', async () => {
    const here = machine();
    await here.pull('base', 'latest');
    await here.images.tag('base', `${open.host}/told`, '1');
    const aux = (await here.push(`${open.host}/told`, '1')).at(-1)?.aux;
    const { Descriptor, Platforms } = await here.images.distribution(`${open.host}/told:1`, {}, signal);
    expect([Descriptor.digest, Descriptor.size, Platforms]).toEqual([aux?.Digest, aux?.Size, [{ architecture: '386', os: 'linux' }]]);
    await expect(here.images.distribution(`${open.host}/told:2`, {}, signal)).rejects.toThrow('manifest unknown');
  });
});
