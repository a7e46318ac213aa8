import { expect, test } from 'vitest';
import { check, sentence } from '../testing/check.ts';
import { readerOf, sceneFact } from '../testing/facts.ts';

const scene = sceneFact({
  guest: readerOf(
    {},
    {
      'GET 8080/': { ok: true, status: 200, text: '<h1>Run 4711</h1>\n' },
      'GET 8080/none': { ok: true, status: 404, text: 'not here' },
      'POST 8000/predict': { ok: true, status: 200, text: '{"y": 3}\n' },
    },
  ),
});

test('a server answers with a status and a body', async () => {
  expect((await check({ http: { port: 8080 } }, scene)).ok).toBe(true);
  expect((await check({ http: { port: '8080', body: { contains: '4711' } } }, scene)).ok).toBe(true);
  expect((await check({ http: { port: 8080, path: '/none', status: 404 } }, scene)).ok).toBe(true);
  expect(await sentence({ http: { port: 8080, path: '/none' } }, scene)).toBe('Port 8080 answers with status 404; it has to be 200.');
  expect(await sentence({ http: { port: 8080, body: { contains: '0815' } } }, scene)).toBe(
    'Port 8080 answers with “<h1>Run 4711</h1>”; it has to be something with “0815” in it.',
  );
});

test('what is sent is sent with POST', async () => {
  expect((await check({ http: { port: 8000, path: '/predict', send: '{"x": 2}', body: '{"y": 3}' } }, scene)).ok).toBe(true);
  expect((await check({ http: { port: 8000, path: '/predict' } }, scene)).ok).toBe(false);
});

test('that nobody answers is a fact too', async () => {
  expect(await sentence({ http: { port: 9 } }, scene)).toBe('Nobody answers at port 9 of the Docker host.');
  expect((await check({ http: { port: 9, answers: false } }, scene)).ok).toBe(true);
  expect(await sentence({ http: { port: 8080, answers: false } }, scene)).toBe('Somebody answers at port 8080, and nobody should.');
});
