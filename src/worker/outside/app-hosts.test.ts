import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { createDuplexPair, readAll } from '../../base/streams.ts';
import type { AnsweredRequest } from '../../engine/outside/way.ts';
import { AppHosts } from './app-hosts.ts';

test('a host in the app answers under its name on port 80 and nowhere else, as long as it is there', async () => {
  const hosts = new AppHosts();
  const registered = hosts.add('index.drydock', ({ method, target }) => {
    if (target === '/broken') throw new Error('no shelf');
    return Promise.resolve({ status: 200, headers: { 'content-type': 'text/plain' }, body: utf8(`${method} ${target}`) });
  });
  const told: AnsweredRequest[] = [];
  const [guest, other] = createDuplexPair();
  const over = hosts.serve({ name: 'index.drydock', address: '198.18.0.1', port: 80 }, other, (request) => told.push(request));
  await guest.sink.write(utf8('GET /simple/ HTTP/1.1\r\nHost: index.drydock\r\n\r\nGET /broken HTTP/1.1\r\nHost: index.drydock\r\n\r\n'));
  await guest.sink.close();
  const said = fromUtf8(await readAll(guest.source));
  expect(said).toMatch(/^HTTP\/1\.1 200 OK[^]*GET \/simple\/HTTP\/1\.1 500 [^]*no shelf\n$/);
  expect(await over).toEqual({ by: 'host' });
  expect(told.map(({ target, status, problem }) => [target, status, problem])).toEqual([
    ['/simple/', 200, null],
    ['/broken', 500, 'no shelf'],
  ]);
  for (const [name, port] of [
    ['index.drydock', 443],
    ['other.drydock', 80],
    [null, 80],
  ] as const)
    expect(hosts.serve({ name, address: '198.18.0.1', port }, other, () => undefined)).toBeNull();
  expect([await hosts.lookUp('index.drydock'), await hosts.lookUp('other.drydock')]).toEqual(['found', null]);
  registered.dispose();
  expect(await hosts.lookUp('index.drydock')).toBeNull();
});
