import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { testClient, type TestClient } from './client.ts';
import { complaints } from './swagger.ts';

/** Calls and holds the answer against the file. @returns the JSON of the answer */
async function conforms(
  client: TestClient,
  operation: string,
  target: string,
  options: { readonly status: number; readonly body?: unknown },
): Promise<unknown> {
  const [method = ''] = operation.split(' ');
  const answer = await client.call(method, `/v1.50${target}`, options.body);
  expect({ status: answer.status, text: answer.text }, target).toMatchObject({ status: options.status });
  expect(complaints(operation, answer.status, answer.json), `${operation} ${answer.text}`).toEqual([]);
  return answer.json;
}

test('the judge itself refuses what the file does not allow', () => {
  expect(complaints('GET /containers/json', 200, [{ Id: 5 }])).not.toEqual([]);
  expect(complaints('GET /containers/json', 299, [])).not.toEqual([]);
  expect(complaints('GET /images/json', 200, [{}])).not.toEqual([]);
  expect(complaints('GET /containers/json', 200, [])).toEqual([]);
});

describe('every answer is what the Swagger file says', () => {
  test('of the system', async () => {
    const client = testClient();
    await client.create();
    await conforms(client, 'GET /version', '/version', { status: 200 });
    await conforms(client, 'GET /info', '/info', { status: 200 });
    await conforms(client, 'GET /_ping', '/_ping', { status: 200 });
    await conforms(client, 'GET /system/df', '/system/df', { status: 200 });
    await conforms(client, 'GET /plugins', '/plugins', { status: 200 });
    await conforms(client, 'GET /volumes', '/volumes', { status: 200 });
    await conforms(client, 'POST /volumes/prune', '/volumes/prune', { status: 200 });
    await conforms(client, 'POST /build/prune', '/build/prune', { status: 200 });
    await conforms(client, 'GET /networks', '/networks', { status: 200 });
    await conforms(client, 'GET /networks/{id}', '/networks/bridge', { status: 200 });
    await conforms(client, 'GET /networks/{id}', '/networks/none-such', { status: 404 });
    await conforms(client, 'POST /networks/prune', '/networks/prune', { status: 200 });
    await conforms(client, 'GET /services', '/services', { status: 503 });
    await conforms(client, 'GET /swarm', '/swarm', { status: 503 });
  });

  test('of images', async () => {
    const client = testClient();
    await conforms(client, 'GET /images/{name}/json', '/images/busybox/json', { status: 404 });
    await conforms(client, 'POST /images/create', '/images/create?fromImage=nothing&tag=latest', { status: 404 });
    await client.create();
    await conforms(client, 'GET /images/json', '/images/json?all=1&shared-size=1', { status: 200 });
    await conforms(client, 'GET /images/{name}/json', '/images/busybox/json', { status: 200 });
    await conforms(client, 'GET /images/{name}/json', '/images/docker.io/library/busybox:latest/json', { status: 200 });
    await conforms(client, 'GET /images/{name}/history', '/images/busybox/history', { status: 200 });
    await conforms(client, 'POST /images/{name}/tag', '/images/busybox/tag?repo=b2&tag=1', { status: 201 });
    await conforms(client, 'POST /images/{name}/tag', '/images/busybox/tag?repo=B2', { status: 400 });
    await conforms(client, 'DELETE /images/{name}', '/images/b2:1', { status: 200 });
    await conforms(client, 'DELETE /images/{name}', '/images/b2:1', { status: 404 });
    await conforms(client, 'POST /images/prune', '/images/prune', { status: 200 });
  });

  test('of containers', async () => {
    const client = testClient();
    const id = await client.create({ HostConfig: { Memory: 64 << 20 }, Labels: { a: 'b' } }, 'web');
    await conforms(client, 'POST /containers/create', '/containers/create?name=two', { status: 201, body: { Image: 'busybox' } });
    await conforms(client, 'POST /containers/create', '/containers/create?name=two', { status: 409, body: { Image: 'busybox' } });
    await conforms(client, 'POST /containers/create', '/containers/create', { status: 404, body: { Image: 'nothing' } });
    await conforms(client, 'POST /containers/create', '/containers/create', { status: 400, body: { Image: 'busybox', Env: 'x' } });
    await conforms(client, 'POST /containers/{id}/start', '/containers/web/start', { status: 204 });
    await conforms(client, 'POST /containers/{id}/start', '/containers/web/start', { status: 304 });
    await conforms(client, 'POST /containers/{id}/start', '/containers/none/start', { status: 404 });
    await conforms(client, 'GET /containers/json', '/containers/json?all=1&size=1', { status: 200 });
    await conforms(client, 'GET /containers/json', '/containers/json?filters=%7B%22nope%22%3A%5B%22x%22%5D%7D', { status: 400 });
    await conforms(client, 'GET /containers/{id}/json', `/containers/${id}/json`, { status: 200 });
    await conforms(client, 'GET /containers/{id}/top', '/containers/web/top', { status: 200 });
    await conforms(client, 'GET /containers/{id}/stats', '/containers/web/stats?stream=0', { status: 200 });
    await conforms(client, 'POST /containers/{id}/update', '/containers/web/update', { status: 200, body: { Memory: 128 << 20 } });
    await conforms(client, 'POST /containers/{id}/pause', '/containers/web/pause', { status: 204 });
    await conforms(client, 'POST /containers/{id}/unpause', '/containers/web/unpause', { status: 204 });
    await conforms(client, 'POST /containers/{id}/resize', '/containers/web/resize?h=1&w=2', { status: 200 });
    await conforms(client, 'POST /containers/{id}/rename', '/containers/web/rename?name=web2', { status: 204 });
    await conforms(client, 'POST /containers/{id}/restart', '/containers/web2/restart?t=0', { status: 204 });
    await conforms(client, 'DELETE /containers/{id}', '/containers/web2', { status: 409 });
    await conforms(client, 'POST /containers/{id}/kill', '/containers/web2/kill?signal=INT', { status: 204 });
    await conforms(client, 'POST /containers/{id}/wait', '/containers/web2/wait', { status: 200 });
    await conforms(client, 'POST /containers/{id}/kill', '/containers/web2/kill', { status: 409 });
    await conforms(client, 'POST /containers/{id}/stop', '/containers/web2/stop', { status: 304 });
    await conforms(client, 'POST /containers/{id}/wait', '/containers/web2/wait?condition=never', { status: 400 });
    await conforms(client, 'DELETE /containers/{id}', '/containers/web2?v=1', { status: 204 });
    await conforms(client, 'POST /containers/prune', '/containers/prune', { status: 200 });
  });

  test('of exec', async () => {
    const client = testClient();
    const id = await client.create();
    await conforms(client, 'POST /containers/{id}/exec', `/containers/${id}/exec`, { status: 409, body: { Cmd: ['echo'] } });
    await client.call('POST', `/containers/${id}/start`);
    const made = await conforms(client, 'POST /containers/{id}/exec', `/containers/${id}/exec`, {
      status: 201,
      body: { Cmd: ['sleep'] },
    });
    const { Id: exec } = z.object({ Id: z.string() }).parse(made);
    await conforms(client, 'GET /exec/{id}/json', `/exec/${exec}/json`, { status: 200 });
    await conforms(client, 'POST /exec/{id}/start', `/exec/${exec}/start`, { status: 200, body: { Detach: true } });
    await conforms(client, 'POST /exec/{id}/resize', `/exec/${exec}/resize?h=3&w=4`, { status: 200 });
    await conforms(client, 'GET /exec/{id}/json', '/exec/none/json', { status: 404 });
  });

  test('of events, line by line', async () => {
    const client = testClient();
    const id = await client.create();
    await client.call('POST', `/containers/${id}/start`);
    const { text, status } = await client.call('GET', `/v1.50/events?since=1&until=${client.now()}`);
    const lines = text.trimEnd().split('\n');
    expect({ status, actions: lines.map((line) => z.object({ Action: z.string() }).parse(JSON.parse(line)).Action) }).toEqual({
      status: 200,
      actions: ['pull', 'create', 'connect', 'start'],
    });
    for (const line of lines) expect(complaints('GET /events', 200, JSON.parse(line))).toEqual([]);
  });
});
