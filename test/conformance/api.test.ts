import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fromUtf8, utf8 } from '../../src/base/bytes.ts';
import { createDuplexPair, readAll, type Duplex } from '../../src/base/streams.ts';
import type { HttpResponse } from '../../src/protocol/http.ts';
import { bytesOf, testClient, textOf, unframe, upgrade, type TestClient } from './client.ts';

const query = (values: Readonly<Record<string, string>>): string => new URLSearchParams(values).toString();
const filters = (value: unknown): string => query({ filters: JSON.stringify(value) });
const idOf = (json: unknown): string => z.object({ Id: z.string() }).parse(json).Id;

async function readText(connection: Duplex, length: number): Promise<string> {
  let text = '';
  while (text.length < length) text += fromUtf8((await connection.source.read()) ?? utf8(' '.repeat(length)));
  return text;
}

describe('versions', () => {
  test('HEAD and GET of /_ping say what a client needs to know before anything else', async () => {
    const { call } = testClient();
    const [head, get] = [await call('HEAD', '/_ping'), await call('GET', '/_ping')];
    expect([head.status, head.text, get.text]).toEqual([200, '', 'OK']);
    for (const { headers } of [head, get]) {
      expect(headers).toMatchObject({
        'api-version': '1.50',
        ostype: 'linux',
        'docker-experimental': 'false',
        swarm: 'inactive',
        'builder-version': '1',
      });
      expect(headers['cache-control']).toContain('no-cache');
    }
  });

  test.each(['', '/v1.24', '/v1.43', '/v1.50'])('a path that begins with "%s" is answered', async (prefix) => {
    const { call } = testClient();
    expect((await call('GET', `${prefix}/version`)).json).toMatchObject({ ApiVersion: '1.50', MinAPIVersion: '1.24' });
  });

  test('a client that is too new is told so in JSON, one too old in plain text', async () => {
    const { call } = testClient();
    expect(await call('GET', '/v1.99/info')).toMatchObject({
      status: 400,
      json: { message: 'client version 1.99 is too new. Maximum supported API version is 1.50' },
    });
    const old = await call('GET', '/v1.10/info');
    expect(old).toMatchObject({
      status: 400,
      text: 'client version 1.10 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n',
    });
    expect(old.headers['content-type']).toContain('text/plain');
  });

  test.each([
    ['GET', '/nothing'],
    ['GET', '/v1.50/containers/x/nothing'],
    ['PATCH', '/v1.50/info'],
    ['GET', '/'],
    ['GET', '/%zz'],
  ])('%s %s is a page not found', async (method, path) => {
    const { call } = testClient();
    expect(await call(method, path)).toMatchObject({ status: 404, json: { message: 'page not found' } });
  });
});

describe('requests', () => {
  test('a body is read as Go reads it: any case, null for nothing, one word for a list', async () => {
    const { call, create } = testClient();
    await create();
    const made = await call('POST', '/containers/create', {
      image: 'busybox',
      cmd: 'true',
      Env: null,
      HostConfig: { memory: 64 << 20, Binds: null },
      Unknown: 1,
    });
    const { json } = await call('GET', `/containers/${idOf(made.json)}/json`);
    expect(json).toMatchObject({ Config: { Image: 'busybox', Cmd: ['true'], Env: ['PATH=/bin'] }, HostConfig: { Memory: 64 << 20 } });
  });

  test.each([
    ['{"Image":', 'application/json', 400, 'invalid JSON: '],
    ['{"Image":5}', 'application/json', 400, 'invalid JSON: json: cannot unmarshal number into Go struct field .Image of type string'],
    ['{}', 'text/plain', 400, "unsupported Content-Type header (text/plain): must be 'application/json'"],
    ['{}', '', 400, 'malformed Content-Type header (): mime: no media type'],
  ])('%s as %s is refused', async (text, type, status, message) => {
    const { api } = testClient();
    const response = await api({
      method: 'POST',
      target: '/containers/create',
      headers: type === '' ? {} : { 'content-type': type },
      body: { read: once(utf8(text)), cancel: () => undefined },
      transport: 'unix',
      signal: new AbortController().signal,
    });
    expect(response.status).toBe(status);
    expect(await textOf(response)).toContain(message);
  });

  test('filters may be maps of maps or maps of lists', async () => {
    const { call, create } = testClient();
    await create({}, 'one');
    await create({}, 'two');
    for (const value of [{ name: { one: true } }, { name: ['one'] }]) {
      const { json } = await call('GET', `/containers/json?all=1&${filters(value)}`);
      expect(json).toMatchObject([{ Names: ['/one'] }]);
    }
    expect(await call('GET', `/containers/json?${filters({ colour: ['red'] })}`)).toMatchObject({
      status: 400,
      json: { message: "invalid filter 'colour'" },
    });
    expect((await call('GET', `/containers/json?all=1&${filters(null)}`)).json).toHaveLength(2);
    expect((await call('GET', `/containers/json?all=1&${filters({ name: null })}`)).json).toHaveLength(2);
    expect(await call('GET', '/containers/json?filters=%7B')).toMatchObject({ status: 400, json: { message: 'invalid filter' } });
  });

  test('the name of an image may hold slashes, escaped or not', async () => {
    const { call, create } = testClient();
    await create();
    for (const name of ['docker.io/library/busybox', 'docker.io%2Flibrary%2Fbusybox%3Alatest']) {
      expect((await call('GET', `/images/${name}/json`)).json).toMatchObject({ RepoTags: ['busybox:latest'] });
    }
  });

  test('the name of a container may begin with the slash it is listed with, and one with a slash in it is no page', async () => {
    const { call, create } = testClient();
    const id = await create({}, 'web');
    expect((await call('GET', '/containers/%2Fweb/json')).json).toMatchObject({ Id: id });
    expect((await call('GET', '/containers/a%2Fb/json')).json).toEqual({ message: 'No such container: a/b' });
    expect((await call('DELETE', '/v1.50/containers/a/b')).json).toEqual({ message: 'No such container: a/b' });
    expect((await call('GET', '/networks/a/b')).json).toEqual({ message: 'network a/b not found' });
  });

  test('what is not here says so', async () => {
    const { call } = testClient();
    expect(await call('POST', '/grpc')).toMatchObject({ status: 501 });
    expect(await call('GET', '/services/x')).toMatchObject({
      status: 503,
      json: { message: expect.stringMatching(/^This node is not a swarm manager\./) },
    });
    expect(await call('GET', '/volumes/x')).toMatchObject({ status: 404, json: { message: 'get x: no such volume' } });
    expect(await call('GET', '/plugins')).toMatchObject({ status: 200, json: [] });
  });

  test('checkpoints of processes are refused as by a daemon that is not experimental, whether there is such a container or not', async () => {
    const { call, create } = testClient();
    await create({}, 'web');
    const refused = {
      status: 501,
      json: {
        message: 'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.',
      },
    };
    for (const name of ['web', 'nonesuch']) {
      for (const method of ['GET', 'POST']) expect(await call(method, `/containers/${name}/checkpoints`)).toMatchObject(refused);
      expect(await call('DELETE', `/containers/${name}/checkpoints/one`)).toMatchObject(refused);
      expect(await call('POST', `/containers/${name}/start?checkpoint=one`)).toMatchObject({
        status: 400,
        json: { message: 'checkpoint is only supported in experimental mode' },
      });
    }
  });

  test('nothing was read of a container that was never started, at no time', async () => {
    const { call, create } = testClient();
    await create({}, 'web');
    expect((await call('GET', '/containers/web/stats?stream=0')).json).toMatchObject({
      read: '0001-01-01T00:00:00Z',
      preread: '0001-01-01T00:00:00Z',
    });
  });

  test('disk usage may be asked for by type', async () => {
    const { call, create } = testClient();
    await create();
    expect((await call('GET', '/system/df')).json).toMatchObject({ Images: [{}], Containers: [{}], Volumes: [] });
    expect((await call('GET', '/system/df?type=image&type=volume')).json).toMatchObject({ Images: [{}], Containers: null, Volumes: [] });
    expect(await call('GET', '/system/df?type=towel')).toMatchObject({ status: 400, json: { message: 'unknown object type: towel' } });
  });

  test('pull tells its progress line by line', async () => {
    const { call } = testClient();
    const { text, headers } = await call('POST', '/images/create?fromImage=busybox&tag=latest');
    expect(headers['content-type']).toBe('application/json');
    expect(text).toMatch(/^\{"status":"Pulling from library\/busybox","id":"latest"\}\r\n/);
    expect(text).toMatch(/"Status: Downloaded newer image for busybox:latest"\}\r\n$/);
  });
});

describe('clients of older versions', () => {
  const inspected = async (client: TestClient, version: string, body: Readonly<Record<string, unknown>>): Promise<unknown> => {
    await client.create();
    const made = await client.call('POST', `/v${version}/containers/create`, { Image: 'busybox', ...body });
    expect(made.status).toBe(201);
    return (await client.call('GET', `/containers/${idOf(made.json)}/json`)).json;
  };

  test.each([
    ['1.24', { AutoRemove: false, IpcMode: 'shareable', ConsoleSize: [0, 0] }],
    ['1.25', { AutoRemove: true, IpcMode: 'shareable', ConsoleSize: [0, 0] }],
    ['1.41', { AutoRemove: true, IpcMode: 'private', ConsoleSize: [0, 0] }],
    ['1.42', { AutoRemove: true, IpcMode: 'private', ConsoleSize: [24, 80] }],
    ['1.43', { AutoRemove: true, IpcMode: 'private', ConsoleSize: [24, 80], Annotations: { a: 'b' } }],
  ])('of %s get what they know', async (version, expected) => {
    const given = { AutoRemove: true, ConsoleSize: [24, 80], Annotations: { a: 'b' } };
    expect(await inspected(testClient(), version, { HostConfig: given })).toMatchObject({ HostConfig: expected });
  });

  test('before 1.43 have no annotations', async () => {
    const made = await inspected(testClient(), '1.42', { HostConfig: { Annotations: { a: 'b' } } });
    expect(z.object({ HostConfig: z.record(z.string(), z.unknown()) }).parse(made).HostConfig).not.toHaveProperty('Annotations');
  });

  test.each([0, -1])('of every version mean no limit of processes by %d', async (limit) => {
    expect(await inspected(testClient(), '1.50', { HostConfig: { PidsLimit: limit } })).toMatchObject({ HostConfig: { PidsLimit: null } });
  });

  test('take a limit of processes away by any number that is none, once they know of it', async () => {
    const { call, create } = testClient();
    const id = await create({ HostConfig: { PidsLimit: 50 } });
    const limit = async (): Promise<unknown> => (await call('GET', `/containers/${id}/json`)).json;
    await call('POST', `/v1.39/containers/${id}/update`, { PidsLimit: -1 });
    expect(await limit()).toMatchObject({ HostConfig: { PidsLimit: 50 } });
    await call('POST', `/containers/${id}/update`, { PidsLimit: -1 });
    expect(await limit()).toMatchObject({ HostConfig: { PidsLimit: 0 } });
  });

  test('before 1.44 name one network', async () => {
    const { call } = testClient();
    const NetworkingConfig = { EndpointsConfig: { one: {}, two: {} } };
    expect(await call('POST', '/v1.43/containers/create', { Image: 'busybox', NetworkingConfig })).toMatchObject({
      status: 400,
      json: { message: 'Container cannot be created with multiple network endpoints: one, two' },
    });
  });

  test('before 1.44 have one hardware address for the container, and no other', async () => {
    const client = testClient();
    const mac = '02:42:ac:11:00:99';
    const other = { EndpointsConfig: { bridge: { MacAddress: '02:42:ac:11:00:98' } } };
    const at = (address: string) => ({ Networks: { bridge: { MacAddress: address } } });
    const wide = { Config: { MacAddress: mac }, NetworkSettings: at(mac) };
    expect(await inspected(client, '1.43', { MacAddress: mac })).toMatchObject(wide);
    expect(await inspected(client, '1.43', { MacAddress: mac, NetworkingConfig: other })).toMatchObject(wide);
    expect(await inspected(client, '1.43', { NetworkingConfig: other })).toMatchObject({ NetworkSettings: at('') });
    for (const NetworkMode of ['none', 'host', 'container:web'])
      expect(
        await client.call('POST', '/v1.43/containers/create', { Image: 'busybox', MacAddress: mac, HostConfig: { NetworkMode } }),
      ).toMatchObject({ status: 400, json: { message: 'conflicting options: mac-address and the network mode' } });
    const body = { Image: 'busybox', MacAddress: mac };
    expect((await client.call('POST', '/v1.43/containers/create', body)).json).toMatchObject({ Warnings: [] });
    expect((await client.call('POST', '/v1.44/containers/create', body)).json).toMatchObject({
      Warnings: ['The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.'],
    });
  });

  test('before 1.41 may name the images to list by a pattern', async () => {
    const client = testClient();
    await client.create();
    expect((await client.call('GET', '/v1.24/images/json?filter=busy*')).json).toHaveLength(1);
    expect((await client.call('GET', '/v1.24/images/json?filter=nginx')).json).toHaveLength(0);
  });

  test('before 1.22 gave a start its host configuration, which is refused', async () => {
    const client = testClient();
    const { response } = await client.open('POST', `/containers/${await client.create()}/start`, {
      body: { Memory: 1 },
      headers: { 'content-length': '12' },
    });
    expect(response.status).toBe(400);
    expect(await textOf(response)).toContain('starting container with non-empty request body was deprecated since API v1.22');
  });
});

describe('wait', () => {
  test('sends its header at once and its body at the end', async () => {
    const { open, create, call } = testClient();
    const id = await create({ HostConfig: { AutoRemove: true } });
    const { response } = await open('POST', `/v1.50/containers/${id}/wait?condition=removed`);
    expect(response.status).toBe(200);
    await call('POST', `/containers/${id}/start`);
    await call('POST', `/containers/${id}/kill`);
    expect(JSON.parse(await textOf(response))).toEqual({ StatusCode: 137 });
  });

  test('ends when the client goes away', async () => {
    const { open, create, engine } = testClient();
    const { response, close } = await open('POST', `/containers/${await create()}/wait?condition=next-exit`);
    close();
    await expect(textOf(response)).rejects.toMatchObject({ kind: 'cancelled' });
    expect(engine.log.since(0).at(-1)).toMatchObject({ kind: 'request-closed', by: 'client' });
  });
});

describe('attach', () => {
  const attachQuery = '/attach?stdin=1&stdout=1&stderr=1&stream=1';

  async function started(client: TestClient, body: Readonly<Record<string, unknown>>, target = attachQuery) {
    const id = await client.create(body);
    const attached = await client.attach(`/v1.50/containers/${id}${target}`);
    await client.call('POST', `/containers/${id}/start`);
    return { ...attached, id };
  }

  test('upgrades to frames, stdin is raw, and its end is the end of stdin only', async () => {
    const client = testClient();
    const { connection, response, over } = await started(client, { Cmd: ['cat'], OpenStdin: true, StdinOnce: true });
    expect(response).toMatchObject({
      status: 101,
      headers: { 'content-type': 'application/vnd.docker.multiplexed-stream', connection: 'Upgrade', upgrade: 'tcp' },
    });
    await connection.sink.write(utf8('hello'));
    await connection.sink.close();
    expect(unframe(await readAll(connection.source))).toEqual([{ stream: 1, text: 'hello' }]);
    await over;
  });

  test('a client without stdin closes its half at once and still reads all', async () => {
    const client = testClient();
    const id = await client.create({ Cmd: ['sh', '-c', 'echo to stderr >&2'] });
    const { connection, over } = await client.attach(`/v1.50/containers/${id}/attach?stdout=1&stderr=1&stream=1`);
    await connection.sink.close();
    await client.call('POST', `/containers/${id}/start`);
    expect(unframe(await readAll(connection.source))).toEqual([{ stream: 2, text: 'to stderr\n' }]);
    await over;
  });

  test('a tty is raw, and so is everything for a client before 1.42', async () => {
    const client = testClient();
    const { connection, response } = await started(client, { Cmd: ['echo', 'x'], Tty: true });
    expect(response.headers['content-type']).toBe('application/vnd.docker.raw-stream');
    expect(fromUtf8(await readAll(connection.source))).toBe('x\r\n');
    const old = await client.attach(`/v1.41/containers/${await client.create()}/attach?stream=1&stdout=1`);
    expect(old.response.headers['content-type']).toBe('application/vnd.docker.raw-stream');
  });

  test('without Upgrade it is 200 and the same bytes', async () => {
    const client = testClient();
    const id = await client.create({ Cmd: ['echo', 'x'] });
    const { response } = await client.open('POST', `/containers/${id}/attach?stdout=1&stream=1`);
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': 'application/vnd.docker.raw-stream' } });
    expect(response.hijack).toBeDefined();
  });

  test('the detach keys end the session and nothing else', async () => {
    const client = testClient();
    const { connection, over, id } = await started(client, { Cmd: ['cat'], OpenStdin: true, Tty: true });
    await connection.sink.write(Uint8Array.of(0x61, 16));
    expect(await readText(connection, 1)).toBe('a');
    await connection.sink.write(Uint8Array.of(17, 0x62));
    expect(await readAll(connection.source)).toHaveLength(0);
    await over;
    expect((await client.call('GET', `/containers/${id}/json`)).json).toMatchObject({ State: { Running: true } });
    expect(client.engine.log.since(0)).toContainEqual(expect.objectContaining({ kind: 'event', action: 'detach' }));
  });

  test('half of the detach keys goes through when something else follows', async () => {
    const client = testClient();
    const { connection } = await started(client, { Cmd: ['cat'], OpenStdin: true, Tty: true }, `${attachQuery}&detachKeys=ctrl-a%2Ca%2Cb`);
    await connection.sink.write(Uint8Array.of(1, 0x61, 0x63, 1, 1, 0x61));
    await connection.sink.write(Uint8Array.of(0x78));
    expect(await readText(connection, 7)).toBe('\u0001ac\u0001\u0001ax');
  });

  test.each(['ctrl-ä', 'ä', 'ctrl-P', 'a,,b'])('%s are no detach keys', async (keys) => {
    const client = testClient();
    const { response } = await client.open('POST', `/containers/${await client.create()}/attach?stream=1&${query({ detachKeys: keys })}`);
    expect(response.status).toBe(400);
    expect(await textOf(response)).toContain(`Invalid detach keys (${keys}) provided`);
  });

  test('a client that goes away detaches, and the log says who ended it', async () => {
    const client = testClient();
    const { connection, over } = await started(client, { Cmd: ['sleep'] });
    connection.sink.abort(new Error('reset'));
    await over;
    const { log } = client.engine;
    expect(
      log
        .since(0)
        .filter((entry) => entry.kind === 'request-closed')
        .at(-1),
    ).toMatchObject({ by: 'client' });
    expect(log.since(0)).toContainEqual(expect.objectContaining({ kind: 'event', action: 'detach' }));
  });
});

describe('exec', () => {
  test('start takes its body before the stream, and the exit code is there afterwards', async () => {
    const client = testClient();
    const id = await client.create();
    await client.call('POST', `/containers/${id}/start`);
    const made = await client.call('POST', `/containers/${id}/exec`, { Cmd: ['cat'], AttachStdin: true, AttachStdout: true });
    const exec = idOf(made.json);
    const { connection, response, over } = await client.attach(`/v1.50/exec/${exec}/start`, { body: { Detach: false, Tty: false } });
    expect(response.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    await connection.sink.write(utf8('in'));
    await connection.sink.close();
    expect(unframe(await readAll(connection.source))).toEqual([{ stream: 1, text: 'in' }]);
    await over;
    expect((await client.call('GET', `/exec/${exec}/json`)).json).toMatchObject({ ExitCode: 0, Running: false });
  });

  test.each([
    [{ Tty: true }, 'application/vnd.docker.raw-stream'],
    [{}, 'application/vnd.docker.multiplexed-stream'],
  ])('is framed as the body of its start says, %j, whatever it was made with', async (body, type) => {
    const client = testClient();
    const id = await client.create();
    await client.call('POST', `/containers/${id}/start`);
    const Tty = !('Tty' in body);
    const exec = idOf((await client.call('POST', `/containers/${id}/exec`, { Cmd: ['echo', 'x'], Tty, AttachStdout: true })).json);
    const { connection, response, over } = await client.attach(`/v1.50/exec/${exec}/start`, { body });
    expect(response.headers['content-type']).toBe(type);
    const bytes = await readAll(connection.source);
    await over;
    if (Tty) expect(unframe(bytes)).toEqual([{ stream: 1, text: 'x\r\n' }]);
    else expect(fromUtf8(bytes)).toBe('x\n');
  });

  test('runs only once the header of the answer is on its way', async () => {
    const client = testClient();
    const id = await client.create();
    await client.call('POST', `/containers/${id}/start`);
    const exec = idOf((await client.call('POST', `/containers/${id}/exec`, { Cmd: ['echo', 'x'], AttachStdout: true })).json);
    const { response } = await client.open('POST', `/exec/${exec}/start`, { body: {}, headers: upgrade });
    expect(response.status).toBe(101);
    expect((await client.call('GET', `/exec/${exec}/json`)).json).toMatchObject({ Running: false, ExitCode: null, Pid: 0 });
    const [connection, server] = createDuplexPair();
    await response.hijack?.(server);
    expect(unframe(await readAll(connection.source))).toEqual([{ stream: 1, text: 'x\n' }]);
  });

  test('a client that breaks off is the end of its stdin, too', async () => {
    const client = testClient();
    const id = await client.create();
    await client.call('POST', `/containers/${id}/start`);
    const exec = idOf((await client.call('POST', `/containers/${id}/exec`, { Cmd: ['cat'], AttachStdin: true, AttachStdout: true })).json);
    const { connection, over } = await client.attach(`/exec/${exec}/start`, { body: {} });
    connection.sink.abort(new Error('reset'));
    await over;
    await expect.poll(async () => (await client.call('GET', `/exec/${exec}/json`)).json).toMatchObject({ Running: false, ExitCode: 0 });
  });

  test('a command is required', async () => {
    const client = testClient();
    expect(await client.call('POST', `/containers/${await client.create()}/exec`, { Cmd: [] })).toMatchObject({
      status: 400,
      json: { message: 'No exec command specified' },
    });
  });
});

describe('logs', () => {
  async function withLogs() {
    const client = testClient();
    const id = await client.create({ Cmd: ['echo', 'one'] });
    for (let run = 0; run < 3; run += 1) {
      const { response } = await client.open('POST', `/containers/${id}/wait?condition=next-exit`);
      await client.call('POST', `/containers/${id}/start`);
      await textOf(response);
    }
    return { client, id };
  }

  const read = async (client: TestClient, target: string) => {
    const { response } = await client.open('GET', target);
    return { response, frames: unframe(await bytesOf(response)) };
  };

  test('are framed as what was written, with tail and timestamps', async () => {
    const { client, id } = await withLogs();
    const all = await read(client, `/v1.50/containers/${id}/logs?stdout=1&stderr=1&tail=all`);
    expect(all.response.headers['content-type']).toBe('application/vnd.docker.multiplexed-stream');
    expect(all.frames).toEqual(Array.from({ length: 3 }, () => ({ stream: 1, text: 'one\n' })));
    expect((await read(client, `/containers/${id}/logs?stdout=1&tail=2`)).frames).toHaveLength(2);
    expect((await read(client, `/containers/${id}/logs?stdout=1&tail=0`)).frames).toHaveLength(0);
    expect((await read(client, `/containers/${id}/logs?stderr=1`)).frames).toHaveLength(0);
    expect((await read(client, `/containers/${id}/logs?stdout=1&tail=1&timestamps=1`)).frames[0]?.text).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z one\n$/,
    );
  });

  test('with details have room for them before each line, which is never filled', async () => {
    const { client, id } = await withLogs();
    expect((await read(client, `/containers/${id}/logs?stdout=1&tail=1&details=1`)).frames[0]?.text).toBe(' one\n');
    expect((await read(client, `/containers/${id}/logs?stdout=1&tail=1&details=1&timestamps=1`)).frames[0]?.text).toMatch(/Z  one\n$/);
  });

  test('since and until are Unix times with a fraction', async () => {
    const { client, id } = await withLogs();
    expect((await read(client, `/containers/${id}/logs?stdout=1&since=99999999999`)).frames).toHaveLength(0);
    expect((await read(client, `/containers/${id}/logs?stdout=1&since=1.5&until=99999999999.000000001`)).frames).toHaveLength(3);
    expect((await read(client, `/containers/${id}/logs?stdout=1&since=0&until=0`)).frames).toHaveLength(3);
    expect(await client.call('GET', `/containers/${id}/logs?stdout=1&since=yesterday`)).toMatchObject({
      status: 500,
      json: { message: 'strconv.ParseInt: parsing "yesterday": invalid syntax' },
    });
  });

  test('one stream at least must be chosen', async () => {
    const client = testClient();
    expect(await client.call('GET', '/containers/none/logs')).toMatchObject({
      status: 400,
      json: { message: 'Bad parameters: you must choose at least one stream' },
    });
    expect(await client.call('GET', '/containers/none/logs?stdout=1')).toMatchObject({
      status: 404,
      json: { message: 'No such container: none' },
    });
  });

  test('following ends with the container', async () => {
    const client = testClient();
    const id = await client.create({ Cmd: ['sleep'] });
    await client.call('POST', `/containers/${id}/start`);
    const { response } = await client.open('GET', `/containers/${id}/logs?stdout=1&follow=1`);
    const whole = textOf(response);
    await client.call('POST', `/containers/${id}/kill`);
    expect(await whole).toBe('');
    expect(client.engine.log.since(0)).toContainEqual(expect.objectContaining({ kind: 'request-closed', by: 'server' }));
  });

  test('following ends when the client goes away, and the log says so', async () => {
    const client = testClient();
    const id = await client.create({ Cmd: ['sleep'] });
    await client.call('POST', `/containers/${id}/start`);
    const { response, close } = await client.open('GET', `/containers/${id}/logs?stdout=1&follow=1`);
    const whole = textOf(response);
    close();
    expect(await whole).toBe('');
    const entries = client.engine.log.since(0);
    const request = entries.find((entry) => entry.kind === 'request' && entry.path.endsWith('/logs'));
    expect(entries.at(-1)).toMatchObject({ kind: 'request-closed', by: 'client', request: request?.sequence });
  });
});

/** So many lines of a stream that does not end by itself. */
async function readLines({ body }: HttpResponse, count: number): Promise<string> {
  let text = '';
  while (text.split('\n').length <= count) text += fromUtf8((await (body instanceof Uint8Array ? null : body)?.read()) ?? utf8('\n'));
  return text;
}

describe('requests that are wrong', () => {
  test.each([
    ['POST', '/containers/create', {}, 400, 'config cannot be empty in order to create a container'],
    ['POST', '/containers/create', { HostConfig: {} }, 400, 'config cannot be empty in order to create a container'],
    ['POST', '/containers/create', undefined, 400, 'invalid JSON: got EOF while reading request body'],
    ['POST', '/containers/web/resize?h=&w=5', undefined, 400, 'invalid resize height "": invalid syntax'],
    ['POST', '/containers/web/resize?h=5&w=99999999999', undefined, 400, 'invalid resize width "99999999999": value out of range'],
    ['POST', '/containers/web/resize?h=-1&w=5', undefined, 400, 'invalid resize height "-1": value out of range'],
    ['POST', '/containers/web/stop?t=soon', undefined, 500, 'strconv.Atoi: parsing "soon": invalid syntax'],
    ['POST', '/containers/web/kill?signal=99', undefined, 400, 'cannot kill container: web: the linux daemon does not support signal 99'],
    ['POST', '/containers/web/exec', { Cmd: ['x'], DetachKeys: 'foo' }, 500, 'Invalid escape keys (foo) provided'],
    ['DELETE', '/containers/web?link=1', undefined, 500, 'Conflict, cannot remove the default link name of the container'],
    ['DELETE', '/images/%20', undefined, 400, 'image name cannot be blank'],
    ['DELETE', '/networks/bridge', undefined, 403, 'bridge is a pre-defined network and cannot be removed'],
    ['POST', '/networks/create', { Name: 'host' }, 403, 'operation is not permitted on predefined host network '],
    ['POST', '/networks/create', { Name: '' }, 400, 'invalid name: name is empty'],
    [
      'POST',
      '/images/create?fromImage=busybox&platform=a/b/c/d',
      undefined,
      400,
      '"a/b/c/d": cannot parse platform specifier: invalid argument',
    ],
    [
      'POST',
      '/images/create?fromImage=busybox&platform=a/b/c/d/e',
      undefined,
      400,
      '"d/e" is an invalid component of "a/b/c/d/e": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
    ],
    ['GET', `/volumes?${filters({ foo: ['x'] })}`, undefined, 400, "invalid filter 'foo'"],
    [
      'GET',
      `/containers/json?${filters({ health: ['ill'] })}`,
      undefined,
      400,
      "invalid filter 'health=ill': invalid value for health (ill): must be one of none, starting, healthy, unhealthy",
    ],
  ])('%s %s with %j is %i in the words of Docker', async (method, target, body, status, message) => {
    const client = testClient();
    const id = await client.create({}, 'web');
    await client.call('POST', `/containers/${id}/start`);
    expect(await client.call(method, target, body)).toMatchObject({ status, json: { message } });
  });

  test('of a restart policy for a --rm container are a conflict when it is updated, and at create they are not valid', async () => {
    const client = testClient();
    const id = await client.create({ HostConfig: { AutoRemove: true } }, 'web');
    expect(await client.call('POST', '/containers/web/update', { RestartPolicy: { Name: 'always' } })).toMatchObject({
      status: 409,
      json: {
        message: `Cannot update container ${id}: Restart policy cannot be updated because AutoRemove is enabled for the container`,
      },
    });
  });

  test('of a connection to take over are told as plain text', async () => {
    const answer = await testClient().call('POST', '/containers/nope/attach?stream=1');
    expect(answer).toMatchObject({ status: 404, text: 'No such container: nope\r\n' });
    expect(answer.headers['content-type']).toBe('application/vnd.docker.raw-stream');
  });

  test('OPTIONS is answered for every path', async () => {
    const { call } = testClient();
    expect([(await call('OPTIONS', '/containers/json')).status, (await call('OPTIONS', '/nope')).status]).toEqual([200, 200]);
  });
});

describe('logs', () => {
  test('show with details what --log-opt labels and env and their patterns ask for', async () => {
    const client = testClient();
    const Config = { labels: 'tier', 'labels-regex': '^ab', env: 'FOO', 'env-regex': 'Z$' };
    const id = await client.create({
      Cmd: ['echo', 'hi'],
      Labels: { tier: 'web site', abc: '1', other: '2' },
      Env: ['FOO=bar', 'XZ=1', 'Y=2'],
      HostConfig: { LogConfig: { Type: 'json-file', Config } },
    });
    await client.call('POST', `/containers/${id}/start`);
    await client.call('POST', `/containers/${id}/wait`);
    const { response } = await client.open('GET', `/containers/${id}/logs?stdout=1&details=1`);
    expect(unframe(await bytesOf(response))).toEqual([{ stream: 1, text: 'FOO=bar,XZ=1,abc=1,tier=web+site hi\n' }]);
  });
});

describe('events', () => {
  const lines = (text: string): unknown[] => text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));

  test('come as they happen, with what a filter wants', async () => {
    const client = testClient();
    const id = await client.create({ Labels: { tier: 'web' } }, 'web');
    const { response, close } = await client.open(
      'GET',
      `/v1.50/events?${filters({ type: ['container'], event: ['start', 'die'], label: ['tier=web'] })}`,
    );
    await client.call('POST', `/containers/${await client.create({}, 'other')}/start`);
    await client.call('POST', `/containers/${id}/start`);
    await client.call('POST', `/containers/${id}/stop`);
    const seen = await readLines(response, 2);
    close();
    expect(lines(seen)).toMatchObject([
      {
        Type: 'container',
        Action: 'start',
        status: 'start',
        id,
        from: 'busybox',
        Actor: { ID: id, Attributes: { name: 'web', tier: 'web' } },
        scope: 'local',
      },
      { Action: 'die' },
    ]);
  });

  test('until ends them, in the future too', async () => {
    const client = testClient();
    await client.create();
    const { text } = await client.call('GET', `/events?since=1&until=${client.now()}`);
    expect(lines(text)).toMatchObject([
      { Type: 'image', Action: 'pull' },
      { Type: 'container', Action: 'create' },
    ]);
    expect((await client.call('GET', `/events?until=${Date.now() / 1000 + 0.05}`)).text).toBe(text);
    expect((await client.call('GET', `/events?until=${client.now()}`)).text).toBe(text);
    expect(await client.call('GET', '/events?since=5&until=4')).toMatchObject({
      status: 400,
      json: { message: '`since` time (5) cannot be after `until` time (4)' },
    });
  });

  test('carry nanoseconds that no JavaScript number could', async () => {
    const client = testClient();
    await client.create();
    const { text } = await client.call('GET', `/events?since=1&until=${client.now()}`);
    const nanos = client.engine.log.since(0).flatMap((entry) => (entry.kind === 'event' ? [entry.timeNano] : []));
    expect([...text.matchAll(/"timeNano":(\d+)\}/g)].map((match) => match[1])).toEqual(nanos);
  });

  test.each([
    [{ container: ['web'] }, 2],
    [{ container: ['nobody'] }, 0],
    [{ image: ['busybox'] }, 3],
    [{ type: { image: true } }, 1],
    [{ event: ['pull', 'create'] }, 2],
    [{ network: ['bridge'] }, 1],
    [{ label: ['tier'] }, 2],
    [{ label: ['tier', 'no'] }, 0],
    [{ service: ['x'] }, 0],
  ])('filter %j', async (filter, count) => {
    const client = testClient();
    const id = await client.create({ Labels: { tier: 'web' } }, 'web');
    await client.call('POST', `/containers/${id}/start`);
    const { text } = await client.call('GET', `/events?since=1&until=${client.now()}&${filters(filter)}`);
    expect(lines(text)).toHaveLength(count);
  });
});

test('every request stands in the log, with transport, plain path, query, status and message', async () => {
  const { call, engine } = testClient();
  await call('GET', '/v1.44/containers/none/json?size=1');
  await call('GET', '/_ping');
  expect(engine.log.since(0)).toMatchObject([
    {
      kind: 'request',
      transport: 'cli',
      method: 'GET',
      path: '/containers/none/json',
      query: { size: '1' },
      status: 404,
      message: 'No such container: none',
    },
    { kind: 'request', path: '/_ping', status: 200 },
  ]);
});

test('stats stream or come once', async () => {
  const client = testClient();
  const id = await client.create();
  expect((await client.call('GET', `/containers/${id}/stats?stream=false`)).json).toMatchObject({ id });
  expect(await client.call('GET', `/containers/${id}/stats?stream=1&one-shot=1`)).toMatchObject({ status: 400 });
  const { response, close } = await client.open('GET', `/containers/${id}/stats`);
  if (response.body === null || response.body instanceof Uint8Array) throw new Error('no stream');
  expect(JSON.parse(fromUtf8((await response.body.read()) ?? utf8('')))).toMatchObject({ id });
  close();
  expect(await response.body.read()).toBeNull();
});

test('sizes of a terminal are passed on', async () => {
  const client = testClient();
  const id = await client.create({ Tty: true });
  await client.call('POST', `/containers/${id}/start`);
  await client.call('POST', `/containers/${id}/resize?h=40&w=100`);
  expect(client.runtime.processOf(id).size).toEqual({ rows: 40, columns: 100 });
  for (const size of ['h=x&w=1', 'h=1', 'h=1&w=-1', 'h=1&w=4294967296']) {
    expect(await client.call('POST', `/containers/${id}/resize?${size}`)).toMatchObject({ status: 400 });
  }
});

function once(bytes: Uint8Array): () => Promise<Uint8Array | null> {
  let rest: Uint8Array | null = bytes;
  return async () => {
    const now = rest;
    rest = null;
    return now;
  };
}
