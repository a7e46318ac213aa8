import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compressSite } from './compress.ts';
import { serveSite, type SiteServer } from './serve.ts';

const page = `<!doctype html>${'<p>again</p>'.repeat(500)}`;
let folder: string;
let server: SiteServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drydock-serve-'));
  await writeFile(join(folder, 'index.html'), page);
  await writeFile(join(folder, 'tiny.json'), '{}');
  await compressSite(folder);
  server = await serveSite(folder, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const ask = (path: string, encoding: string): Promise<Response> => fetch(server.url + path, { headers: { 'Accept-Encoding': encoding } });

test.each([
  ['br, gzip', 'br'],
  ['gzip', 'gzip'],
  ['identity', null],
])('to who takes %s a page goes as %s', async (accepted, encoding) => {
  const before = server.bytes;
  const answer = await ask('', accepted);
  expect(answer.headers.get('Content-Encoding')).toBe(encoding);
  expect(await answer.text()).toBe(page);
  if (encoding !== null) expect(server.bytes - before).toBeLessThan(page.length / 2);
});

test('what does not get smaller has no second file', async () => {
  await expect(stat(join(folder, 'tiny.json.br'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect((await ask('tiny.json', 'br, gzip')).headers.get('Content-Encoding')).toBeNull();
});

test('what is not there is not found, and nothing outside is', async () => {
  expect((await ask('nothing', 'br')).status).toBe(404);
  expect((await ask('..%2f..%2fetc%2fpasswd', 'br')).status).toBe(404);
});

test('a port that somebody has is refused', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveSite(folder, { host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
