import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import { directWay } from '../../../src/worker/node/outside/direct.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';

type Answers = (query: Buffer, name: string) => readonly Buffer[];

const headerBytes = 12;
const noError = 0x8180;
const truncated = 0x0200;

/** A query's ID and question, and then so many answers of these bytes. */
function answering(query: Buffer, { flags = noError, count = 1 }, ...records: readonly Buffer[]): Buffer {
  const { questions = [], id = 0 } = decode(query);
  const whole = Buffer.from(encode({ type: 'response', id, questions }));
  whole.writeUInt16BE(flags, 2);
  whole.writeUInt16BE(count, 6);
  return Buffer.concat([whole, ...records]);
}
const address = (at: Buffer, ...bytes: readonly number[]): Buffer =>
  Buffer.concat([at, Buffer.from([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...bytes])]);
const pointer = (to: number): Buffer => Buffer.from([0xc0 | (to >> 8), to & 255]);
const toQuestion = pointer(headerBytes);
const toAlias = Buffer.from([0, 5, 0, 1, 0, 0, 0, 60, 0, 2]);
const here = (query: Buffer): number => answering(query, {}).length;

/** What a name server that means no good says to each. */
const hostile: Readonly<Record<string, Answers>> = {
  'loop.test': (query) => [answering(query, {}, address(pointer(here(query)), 1, 2, 3, 4))],
  'two-loops.test': (query) => [answering(query, {}, pointer(here(query) + 2), pointer(here(query)), Buffer.alloc(14))],
  'far.test': (query) => [answering(query, {}, address(pointer(0x3fff), 1, 2, 3, 4))],
  'alias.test': (query) => [answering(query, {}, toQuestion, toAlias, toQuestion)],
  'cut.test': (query) => [answering(query, { count: 9 }, toQuestion, Buffer.from([0, 1, 0]))],
  'counts.test': (query) => [answering(query, { count: 0xffff })],
  'truncated.test': (query) => [answering(query, { flags: noError | truncated, count: 0 })],
  'other.test': (query) => {
    const wrong = answering(query, {}, address(toQuestion, 1, 2, 3, 4));
    wrong.writeUInt16BE(wrong.readUInt16BE(0) ^ 1, 0);
    return Array.from({ length: 50 }, () => wrong);
  },
  'huge.test': (query) => [answering(query, { count: 60 }, Buffer.alloc(60_000, 0x3f))],
  'junk.test': () => [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(11, 0xff), Buffer.alloc(1400, 0xc0)],
  'silent.test': () => [],
};
const good = (query: Buffer): Buffer => answering(query, {}, address(toQuestion, 127, 0, 0, 1));

let nameServer: Socket;
let web: Server;
let port: number;
let playground: LocalPlayground;

beforeAll(async () => {
  web = createServer((_, response) => response.end('a page\n'));
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  ({ port } = web.address() as AddressInfo);
  nameServer = createSocket('udp4', (query, { port: to }) => {
    const name = decode(query).questions?.[0]?.name ?? '';
    for (const answer of hostile[name]?.(query, name) ?? [good(query)]) nameServer.send(answer, to, '127.0.0.1');
  });
  await new Promise<void>((resolve) => nameServer.bind(0, '127.0.0.1', resolve));
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${nameServer.address().port}`]);
  const allowed = [...Object.keys(hostile), 'good.test'].map((host) => ({ host, port }));
  playground = await createNodePlayground({ outside: [directWay({ allowed, lookUp: (name) => resolver.resolve4(name) })] });
  const start = (name: string) => `docker run -d --name ${name} --network ${name === 'plain' ? 'bridge' : 'net'} busybox sleep 1000000`;
  await run(`docker pull -q busybox; docker network create net; ${start('plain')}; ${start('joined')}`);
});
afterAll(async () => {
  await playground.dispose();
  nameServer.close();
  web.closeAllConnections();
  web.close();
});

async function run(line: string): Promise<string> {
  const { stdout, stderr } = await playground.lines.run(line, { id: line });
  return stdout + stderr;
}
const get = (where: string, name: string): Promise<string> => run(`${where} timeout 60 wget -qO- http://${name}:${port}/ 2>&1; echo "=$?"`);
/** Resident memory of the agent, in KiB. */
const agentMemory = async (): Promise<number> => Number(/VmRSS:\s+(\d+)/.exec(await run('cat /proc/1/status'))?.[1]);

test('whatever a name server outside answers, who asked for the name hears that it is not there, and the next name is answered', async () => {
  for (const where of ['docker exec plain', 'docker exec joined', '']) {
    expect(await get(where, 'good.test'), where).toBe('a page\n=0\n');
    for (const name of Object.keys(hostile))
      expect(await get(where, name), `${where} ${name}`).toBe(`wget: bad address '${name}:${port}'\n=1\n`);
    expect(await get(where, 'good.test'), where).toBe('a page\n=0\n');
  }
  const codes = playground.host.log.since(0).flatMap((entry) => (entry.kind === 'dns' && entry.name in hostile ? [entry.code] : []));
  expect(codes.filter((code) => code !== 'SERVFAIL' && code !== 'NXDOMAIN')).toEqual([]);
  expect(codes.length).toBeGreaterThanOrEqual(3 * Object.keys(hostile).length);
});

test('whatever a container asks, names are answered as before, and the agent holds no more memory', async () => {
  const query = Buffer.from(encode({ type: 'query', id: 7, flags: 0x100, questions: [{ type: 'A', name: 'good.test' }] }));
  const loop = Buffer.concat([query.subarray(0, headerBytes), toQuestion, Buffer.from([0, 1, 0, 1])]);
  const many = Buffer.from(query);
  many.writeUInt16BE(0xffff, 4);
  const bad = [
    ...Array.from({ length: query.length }, (_, length) => query.subarray(0, length)),
    loop,
    many,
    Buffer.concat([query.subarray(0, headerBytes), Buffer.alloc(1400, 0x3f)]),
    Buffer.concat([query, Buffer.alloc(1400, 0xff)]),
    Buffer.alloc(1400, 0xc0),
  ];
  const { sockets } = playground.host.guest;
  const before = await agentMemory();
  for (const [name, server] of [
    ['plain', '100.64.0.1'],
    ['joined', '127.0.0.11'],
  ] as const) {
    const container = (await run(`docker inspect -f '{{.Id}}' ${name}`)).trim();
    const socket = await sockets.bind({ container, address: '0.0.0.0', port: 0 });
    for (let round = 0; round < 20; round += 1) for (const data of bad) await socket.send({ address: server, port: 53, data });
    await socket.send({ address: server, port: 53, data: query });
    const heard: number[] = [];
    // What was asked before may be answered before.
    while (heard.at(-1) !== 1) {
      const { data } = (await socket.receive()) ?? { data: Buffer.alloc(0) };
      heard.push(data.length > headerBytes ? (decode(Buffer.from(data)).answers?.length ?? 0) : 0);
    }
    socket.close();
    expect(await get(`docker exec ${name}`, 'good.test')).toBe('a page\n=0\n');
  }
  expect((await agentMemory()) - before).toBeLessThan(1024);
});
