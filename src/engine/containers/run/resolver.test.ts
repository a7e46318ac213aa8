import { decode, encode, type Answer, type Question } from 'dns-packet';
import { beforeEach, expect, test } from 'vitest';
import { concatBytes } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { readAll } from '../../../base/streams.ts';
import { createNetworkSchema, emptyEndpoint } from '../../../protocol/engine-api.ts';
import { createNetwork } from '../../networks/create.ts';
import { restoreEngine } from '../../snapshot/restore.ts';
import { snapshotEngine } from '../../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { connectToNetwork, disconnectFromNetwork } from '../verbs/connect.ts';
import { renameContainer } from '../verbs/rename.ts';
import { startContainer } from '../verbs/start.ts';
import { stopContainer } from '../verbs/stop.ts';
import { removeByReference } from '../verbs/remove.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = createTestEngine();
  for (const name of ['net', 'other']) await makeNetwork({ Name: name });
  await makeNetwork({ Name: 'closed', Internal: true });
});

const makeNetwork = (body: object): Promise<string> =>
  createNetwork({ ...engine.context.networks, clock: engine.clock }, createNetworkSchema.parse(body));

async function run(
  name: string,
  { network = 'net', host = {}, ...endpoint }: { network?: string; host?: object; Aliases?: string[]; Links?: string[] } = {},
) {
  const id = engine.create(
    { Cmd: ['sleep'], HostConfig: { NetworkMode: network, ...host }, NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } },
    name,
  );
  await startContainer(engine.context, id);
  return id;
}

const question = (name: string, type: Question['type']): Uint8Array =>
  new Uint8Array(encode({ type: 'query', id: 1, flags: 0x100, questions: [{ name, type, class: 'IN' }] }));

/** What a program in the container is told: its records, or the code. */
async function look(container: string, name: string, type: Question['type'] = 'A'): Promise<unknown> {
  const { answers = [], rcode } = decodeAnswer(await engine.machine.resolvers.of(container).ask(question(name, type)));
  return rcode === 'NOERROR' ? answers.map(dataOf) : rcode;
}

function decodeAnswer(packet: Uint8Array) {
  const { answers, rcode } = { rcode: '', ...decode(Buffer.from(packet)) };
  return { answers, rcode };
}
const dataOf = (answer: Answer): unknown => ('data' in answer ? answer.data : null);

const resolvConfOf = (id: string): string => engine.machine.tree.get(`/run/drydock/containers/${id}/resolv.conf`) ?? '';

test('names, aliases, short IDs, host names and these with the network behind are answered, whatever their letters', async () => {
  const d1 = await run('d1', { Aliases: ['Web'], host: {} });
  const d2 = await run('d2');
  for (const name of ['d1', 'D1', 'web', 'WEB', d1.slice(0, 12), 'd1.net', 'web.net'])
    expect(await look(d2, name), name).toEqual(['172.18.0.2']);
  expect(await look(d1, 'd2')).toEqual(['172.18.0.3']);
  expect(await look(d1, 'd2', 'AAAA')).toEqual([]);
  expect(await look(d1, 'd2', 'MX')).toEqual([]);
  expect(await look(d1, 'd2', 'TXT')).toBe('SERVFAIL');
  expect(await look(d1, 'd2.other')).toBe('SERVFAIL');
  expect(await look(d1, '3.0.18.172.in-addr.arpa', 'PTR')).toEqual(['d2.net']);
  expect(await look(d1, '9.0.18.172.in-addr.arpa', 'PTR')).toBe('SERVFAIL');
});

test('the addresses of one name come in turn, whoever asks', async () => {
  const asker = await run('asker');
  for (const name of ['w1', 'w2', 'w3']) await run(name, { Aliases: ['web'] });
  const seen: string[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const found = await look(asker, 'web');
    expect(found).toHaveLength(3);
    seen.push(String(Array.isArray(found) ? found[0] : ''));
  }
  expect(seen).toEqual(['172.18.0.3', '172.18.0.4', '172.18.0.5', '172.18.0.3', '172.18.0.4', '172.18.0.5']);
});

test('who joins, leaves, stops, starts or is renamed is answered so at once', async () => {
  const asker = await run('asker');
  const other = await run('db', { network: 'other' });
  expect(await look(asker, 'db')).toBe('NXDOMAIN');
  await connectToNetwork(engine.context, 'net', { container: other, settings: { ...emptyEndpoint, Aliases: ['store'] } });
  expect(await look(asker, 'db')).toEqual(['172.18.0.3']);
  expect(await look(asker, 'store.net')).toEqual(['172.18.0.3']);
  await renameContainer(engine.context, 'db', 'base');
  expect([await look(asker, 'db'), await look(asker, 'base')]).toEqual(['NXDOMAIN', ['172.18.0.3']]);
  await stopContainer(engine.context, other, {});
  expect(await look(asker, 'base')).toBe('NXDOMAIN');
  await startContainer(engine.context, other);
  expect(await look(asker, 'base')).toEqual(['172.18.0.3']);
  await disconnectFromNetwork(engine.context, 'net', { container: other, force: false });
  expect(await look(asker, 'base')).toBe('NXDOMAIN');
});

test('what no network has: SERVFAIL, for there is nobody to ask; a name without a dot is none, but for who set ndots or is on an internal network', async () => {
  const plain = await run('plain');
  expect([await look(plain, 'nosuch'), await look(plain, 'nosuch.example'), await look(plain, 'nosuch', 'MX')]).toEqual([
    'NXDOMAIN',
    'SERVFAIL',
    'NXDOMAIN',
  ]);
  const dotted = await run('dotted', { host: { DnsOptions: ['ndots:5'] } });
  expect([await look(dotted, 'nosuch'), await look(dotted, 'nosuch.example'), await look(dotted, 'plain')]).toEqual([
    [],
    'SERVFAIL',
    ['172.18.0.2'],
  ]);
  const inner = await run('inner', { network: 'closed' });
  expect([await look(inner, 'nosuch'), await look(inner, 'inner')]).toEqual(['SERVFAIL', ['172.20.0.2']]);
});

test('on the default bridge nobody is asked, and what is not asked has no resolver; one that joins a network later has one from then on', async () => {
  const id = await run('late', { network: 'bridge' });
  expect(engine.machine.resolvers.asked).toEqual([]);
  expect(resolvConfOf(id)).toContain('(legacy)');
  await connectToNetwork(engine.context, 'net', { container: id, settings: emptyEndpoint });
  expect(await look(id, 'late')).toEqual(['172.18.0.2']);
  expect(resolvConfOf(id)).toContain(
    "nameserver 127.0.0.11\noptions ndots:0\n\n# Based on host file: '/etc/resolv.conf' (internal resolver)",
  );
  await disconnectFromNetwork(engine.context, 'net', { container: id, force: false });
  expect(await look(id, 'late')).toBe('NXDOMAIN');
});

test('a resolv.conf that its container has changed stays as it is', async () => {
  const id = await run('late', { network: 'bridge' });
  engine.machine.tree.set(`/run/drydock/containers/${id}/resolv.conf`, 'nameserver 10.0.0.1\n');
  await connectToNetwork(engine.context, 'net', { container: id, settings: emptyEndpoint });
  expect(resolvConfOf(id)).toBe('nameserver 10.0.0.1\n');
});

test('its sockets go with the run, and come again with the next; a start that fails leaves none', async () => {
  const id = await run('ours');
  const first = engine.machine.resolvers.of(id);
  await stopContainer(engine.context, id, {});
  expect(first.closed).toBe(true);
  await startContainer(engine.context, id);
  expect(engine.machine.resolvers.of(id)).not.toBe(first);
  await removeByReference(engine.context, id, { force: true, link: false, volumes: false });
  expect(engine.machine.resolvers.open.get(id)?.closed).toBe(true);
  engine.machine.failures.set('start', new AppError('internal', 'no memory'));
  const failing = engine.create({ HostConfig: { NetworkMode: 'net' } }, 'fails');
  await expect(startContainer(engine.context, failing)).rejects.toThrow('no memory');
  expect(engine.machine.resolvers.open.get(failing)?.closed).toBe(true);
});

test('a port that somebody has is not the last that is tried', async () => {
  const first = engine.machine.resolvers;
  await run('a1');
  const taken = first.asked[0]?.udpPort ?? 0;
  expect(taken).toBeGreaterThanOrEqual(32_768);
  let times = 0;
  Object.defineProperty(first, 'takenPorts', { value: { has: () => (times += 1) < 4 } });
  await run('b1');
  expect(first.asked).toHaveLength(5);
});

test('every query is in the log with who asked and what it was told', async () => {
  const id = await run('asker');
  await look(id, 'asker');
  await look(id, 'Far.example', 'AAAA');
  expect(engine.log.since(0).flatMap((entry) => (entry.kind === 'dns' ? [entry] : []))).toMatchObject([
    { container: { id, name: 'asker' }, name: 'asker', type: 'A', transport: 'udp', code: 'NOERROR', records: ['172.18.0.2'] },
    { name: 'Far.example', type: 'AAAA', code: 'SERVFAIL', records: [] },
  ]);
});

test('a link gives another a name that only this container has for it', async () => {
  await run('d1');
  const linked = await run('d2', { Links: ['d1:lnk'] });
  const other = await run('d3');
  expect([await look(linked, 'lnk'), await look(linked, 'lnk.net'), await look(other, 'lnk')]).toEqual([
    ['172.18.0.2'],
    ['172.18.0.2'],
    'NXDOMAIN',
  ]);
});

test('after a restore the same sockets are answered', async () => {
  const id = await run('kept');
  const parts = { context: engine.context, log: engine.log };
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine(parts)));
  restoreEngine(parts, saved);
  expect(engine.context.store.byId(id)?.resolver?.handle).toBe(engine.machine.resolvers.of(id).handle);
});

test('by TCP queries come one after the other in any pieces, until one is no query or none comes', async () => {
  const id = await run('ours');
  const framed = (packet: Uint8Array): Uint8Array => concatBytes([Uint8Array.of(packet.length >> 8, packet.length & 255), packet]);
  const { source, sink } = engine.machine.resolvers.of(id).connect();
  const both = concatBytes([framed(question('ours', 'A')), framed(question('x.y', 'A'))]);
  for (const byte of both) await sink.write(Uint8Array.of(byte));
  await sink.close();
  const said = await readAll(source);
  const first = 2 + ((said[0] ?? 0) << 8) + (said[1] ?? 0);
  expect(decodeAnswer(said.subarray(2, first)).answers?.map(dataOf)).toEqual(['172.18.0.2']);
  expect(decodeAnswer(said.subarray(first + 2)).rcode).toBe('SERVFAIL');
  expect(engine.log.since(0).filter((entry) => entry.kind === 'dns' && entry.transport === 'tcp')).toHaveLength(2);

  const broken = engine.machine.resolvers.of(id).connect();
  await broken.sink.write(Uint8Array.of(0, 3, 1, 2, 3));
  expect(await readAll(broken.source)).toHaveLength(0);

  const silent = engine.machine.resolvers.of(id).connect();
  await silent.sink.write(Uint8Array.of(255, 255, 1));
  const end = readAll(silent.source);
  // Only then does it wait for more.
  await expect.poll(() => engine.clock.next).toBe(8000);
  await engine.clock.advance(8000);
  expect(await end).toHaveLength(0);
});

test('who opens connections without end has 32 of them', async () => {
  const id = await run('greedy');
  const resolver = engine.machine.resolvers.of(id);
  const connections = Array.from({ length: 40 }, () => resolver.connect());
  expect(connections.filter(({ wasReset }) => wasReset())).toHaveLength(8);
  for (const { sink } of connections.slice(0, 32)) await sink.close();
  await expect.poll(() => resolver.connect().wasReset()).toBe(false);
});
