/** Names that JavaScript objects inherit are names like any other, on their way in, inside, through a snapshot and out again. */
import { beforeEach, expect, test } from 'vitest';
import { testClient, type TestClient } from './client.ts';

const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];
/** Of JSON, because a literal's `__proto__` is no key. */
const map = (value: string): Readonly<Record<string, string>> => JSON.parse(`{${names.map((name) => `"${name}":"${value}"`).join()}}`);
const filters = (of: unknown): string => encodeURIComponent(JSON.stringify(of));
const before = Object.getOwnPropertyNames(Object.prototype).sort();

let client: TestClient;
beforeEach(() => {
  client = testClient();
});

const ids = async (query: unknown): Promise<readonly string[]> => {
  const { status, json } = await client.call('GET', `/containers/json?all=1&filters=${filters(query)}`);
  expect(status).toBe(200);
  return (json as readonly { readonly Id: string }[]).map(({ Id }) => Id);
};

test('labels, annotations, environment, log options and driver options keep them, over a snapshot too', async () => {
  const body = {
    Labels: map('of a label'),
    Env: names.map((name) => `${name}=set`),
    HostConfig: { Annotations: map('noted') },
    NetworkingConfig: { EndpointsConfig: { bridge: { DriverOpts: map('opt') } } },
  };
  const id = await client.create(body);
  const check = async (): Promise<void> => {
    const { json } = await client.call('GET', `/containers/${id}/json`);
    expect(json).toMatchObject({ Config: { Env: expect.arrayContaining(body.Env) } });
    const { Config, HostConfig, NetworkSettings } = json as {
      readonly Config: { readonly Labels: object };
      readonly HostConfig: { readonly Annotations: object };
      readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly DriverOpts: object }>> };
    };
    expect(Object.entries(Config.Labels)).toEqual(expect.arrayContaining(Object.entries(body.Labels)));
    expect(Object.entries(HostConfig.Annotations)).toEqual(Object.entries(body.HostConfig.Annotations));
    expect(Object.keys(NetworkSettings.Networks)).toEqual(['bridge']);
    expect(Object.entries(NetworkSettings.Networks['bridge']?.DriverOpts ?? {})).toEqual(Object.entries(map('opt')));
    for (const name of names) {
      expect(await ids({ label: [name] })).toEqual([id]);
      expect(await ids({ label: [`${name}=of a label`] })).toEqual([id]);
      expect(await ids({ label: { [`${name}=other`]: true } })).toEqual([]);
    }
  };
  await check();
  const saved: unknown = JSON.parse(JSON.stringify(client.engine.snapshot()));
  client.engine.restore(saved, await client.engine.openImages(saved));
  await check();
});

test('a container without labels has none of them, and none is a filter, a network or an image', async () => {
  const id = await client.create();
  for (const name of names) {
    expect(await ids({ label: [name] })).toEqual([]);
    expect(await ids({ name: [name] })).toEqual([]);
    expect(await ids({ network: [name] })).toEqual([]);
    expect(await ids({ ancestor: [name] })).toEqual([]);
    expect(await ids({ volume: [name] })).toEqual([]);
    for (const path of ['/containers/json', '/images/json', '/networks'])
      expect(await client.call('GET', `${path}?filters=${filters(JSON.parse(`{"${name}":["x"]}`))}`)).toMatchObject({ status: 400 });
    expect(await client.call('GET', `/containers/${name}/json`)).toMatchObject({ status: 404 });
    expect(await client.call('GET', `/networks/${name}`)).toMatchObject({ status: 404 });
    expect(await client.call('GET', `/volumes/${name}`)).toMatchObject({ status: 404 });
    expect(await client.call('GET', `/exec/${name}/json`)).toMatchObject({ status: 404 });
    expect((await client.call('GET', `/images/${name}/json`)).status).toBeGreaterThanOrEqual(400);
    expect((await client.call('GET', `/images/${name}/json`)).status).toBeLessThan(500);
    expect(await client.call('GET', `/system/df?type=${name}`)).toMatchObject({ status: 400 });
    expect(await client.call('GET', `/${name}`)).toMatchObject({ status: 404 });
    expect((await client.call('GET', `/containers/${id}/top?ps_args=-o%20${name}`)).status).toBeGreaterThanOrEqual(400);
  }
});

test.each<[string, (name: string) => Readonly<Record<string, unknown>>]>([
  ['a log driver', (name) => ({ HostConfig: { LogConfig: { Type: name } } })],
  ['a log option', (name) => ({ HostConfig: { LogConfig: { Type: 'json-file', Config: JSON.parse(`{"${name}":"1"}`) } } })],
  ['an option of a tmpfs', (name) => ({ HostConfig: { Tmpfs: { '/x': name } } })],
  ['a restart policy', (name) => ({ HostConfig: { RestartPolicy: { Name: name } } })],
  ['a capability', (name) => ({ HostConfig: { CapAdd: [name] } })],
  ['a limit', (name) => ({ HostConfig: { Ulimits: [{ Name: name, Soft: 1, Hard: 1 }] } })],
  ['a signal', (name) => ({ StopSignal: name })],
  ['a security option', (name) => ({ HostConfig: { SecurityOpt: [name, `${name}=x`] } })],
  ['a propagation', (name) => ({ HostConfig: { Binds: [`/tmp:/x:${name}`] } })],
])('no %s of that name passes for one that there is', async (_, body) => {
  await client.create();
  for (const name of names) {
    const created = await client.call('POST', '/containers/create', { Image: 'busybox', ...body(name) });
    const id = created.status === 201 ? (created.json as { readonly Id: string }).Id : null;
    const answer = id === null ? created : await client.call('POST', `/containers/${id}/start`);
    expect(answer.status, JSON.stringify(answer.json)).toBeGreaterThanOrEqual(400);
    expect(String((answer.json as { readonly message: string }).message)).not.toMatch(
      /is not a function|undefined|\[native code\]|Cannot /,
    );
  }
});

test('a container may be called like one of them, and is found and listed', async () => {
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    const id = await client.create({}, name);
    expect(await client.call('GET', `/containers/${name}/json`)).toMatchObject({ status: 200, json: { Id: id, Name: `/${name}` } });
    expect(await ids({ name: [`^${name}$`] })).toEqual([id]);
  }
  const saved: unknown = JSON.parse(JSON.stringify(client.engine.snapshot()));
  client.engine.restore(saved, await client.engine.openImages(saved));
  expect(await client.call('GET', '/containers/toString/json')).toMatchObject({ status: 200 });
});

test('query parameters of those names change nothing and are kept in the log', async () => {
  const query = names.map((name) => `${name}=1`).join('&');
  expect(await client.call('GET', `/containers/json?${query}`)).toMatchObject({ status: 200, json: [] });
  const entry = client.engine.log.since(0).at(-1);
  expect(entry?.kind === 'request' && Object.entries(entry.query)).toEqual(names.map((name) => [name, '1']));
});

test('limits that only powers of two reach are told digit by digit', async () => {
  const id = await client.create({ HostConfig: { Memory: 2 ** 40, MemorySwap: 2 ** 60, ShmSize: 2 ** 30 } });
  expect((await client.call('GET', `/containers/${id}/json`)).text).toContain('"MemorySwap":1152921504606846976');
});

test('after all of it the prototype of all objects is what it was', () => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
});
