import { decode, encode, type Question } from 'dns-packet';
import { beforeEach, expect, test } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { AppError } from '../../base/errors.ts';
import { pipeTo, readAll, type Duplex } from '../../base/streams.ts';
import { createEventLog } from '../events/log.ts';
import { NameService } from '../networks/names/name-service.ts';
import { NetworkStore } from '../networks/store.ts';
import { TestClock } from '../testing/clock.ts';
import { TestMachine } from '../testing/machine.ts';
import type { OutsideEntry } from '../../protocol/log.ts';
import { OutsideNetwork } from './outside.ts';
import type { Destination, NameStatus, OutsideWay } from './way.ts';

/** Says back what it hears; knows names of .org. */
class TestWay implements OutsideWay {
  readonly asked: string[] = [];
  readonly served: Destination[] = [];
  answer: (name: string) => Promise<NameStatus | null> = (name) => Promise.resolve(name.endsWith('.org') ? 'found' : 'unknown');
  handle: (connection: Duplex) => Promise<void> = ({ source, sink }) => pipeTo(source, sink);

  lookUp(name: string): Promise<NameStatus | null> {
    this.asked.push(name);
    return this.answer(name);
  }

  serve(destination: Destination, connection: Duplex): Promise<{ by: 'direct' }> | null {
    if (destination.port === 9999) return null;
    this.served.push(destination);
    return this.handle(connection).then(() => ({ by: 'direct' }));
  }
}

let machine: TestMachine;
let clock: TestClock;
let way: TestWay;
let log: ReturnType<typeof createEventLog>;
let outside: OutsideNetwork;
let names: NameService;

function create(ways: readonly OutsideWay[]): void {
  const containerAt = (address: string): OutsideEntry['container'] => (address === '172.17.0.9' ? { id: 'a1b2', name: 'curious' } : null);
  outside = new OutsideNetwork({ runtime: machine, ways, events: log, clock, containerAt });
  const directory = { networks: new NetworkStore(), member: () => null };
  names = new NameService({ directory, events: log, outside: outside.isThere ? outside.names : null });
}

beforeEach(async () => {
  [machine, clock, way] = [new TestMachine(), new TestClock(), new TestWay()];
  log = createEventLog(clock);
  create([way]);
  await outside.prepare(names);
});

const question = (name: string, type: Question['type']): Uint8Array =>
  new Uint8Array(encode({ type: 'query', id: 1, flags: 0x100, questions: [{ name, type, class: 'IN' }] }));

async function look(name: string, type: Question['type'] = 'A'): Promise<unknown> {
  return said(await machine.outside.ask(question(name, type)));
}

function said(packet: Uint8Array): unknown {
  const { answers = [], rcode } = { rcode: '', ...decode(Buffer.from(packet)) };
  return rcode === 'NOERROR' ? answers.map((answer) => ('data' in answer ? answer.data : null)) : rcode;
}

function waitingFor<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

const entries = () => log.since(0).flatMap((entry) => (entry.kind === 'outside' ? [entry] : []));

test('a name outside has an address that stands for it, none of version 6, and the address its name', async () => {
  expect([await look('Www.Example.org'), await look('www.example.org', 'AAAA'), await look('www.example.org', 'MX')]).toEqual([
    ['198.18.0.1'],
    [],
    [],
  ]);
  expect(await look('1.0.18.198.in-addr.arpa', 'PTR')).toEqual(['www.example.org']);
  expect([await look('2.0.18.198.in-addr.arpa', 'PTR'), await look('8.8.8.8.in-addr.arpa', 'PTR')]).toEqual(['NXDOMAIN', 'NXDOMAIN']);
  expect([await look('nosuch.com'), await look('nosuch'), await look('printer.local'), await look('localhost')]).toEqual(
    Array(4).fill('NXDOMAIN'),
  );
  // Whoever said so a moment ago is not asked again.
  expect(way.asked).toEqual(['www.example.org', 'nosuch.com']);
  expect(machine.tree.get('/etc/resolv.conf')).toContain('nameserver 100.64.0.1\n');
});

test('nobody who can say, or none in time, is SERVFAIL; one question is asked once however many want to know', async () => {
  way.answer = () => Promise.resolve('unreachable');
  expect(await look('a.org')).toBe('SERVFAIL');
  way.answer = () => Promise.reject(new Error('broken'));
  expect(await look('a.org')).toBe('SERVFAIL');
  const { promise, resolve } = waitingFor<NameStatus>();
  way.answer = () => promise;
  way.asked.length = 0;
  const both = [look('b.org'), look('b.org', 'AAAA')];
  await expect.poll(() => way.asked).toEqual(['b.org']);
  resolve('found');
  expect(await Promise.all(both)).toEqual([['198.18.0.1'], []]);
  way.answer = () => new Promise(() => undefined);
  const late = look('c.org');
  await expect.poll(() => clock.next).toBe(5000);
  await clock.advance(5000);
  expect(await late).toBe('SERVFAIL');
});

test('names are asked for by TCP as well, where they are asked of any address', async () => {
  const { source, sink } = machine.outside.connect('8.8.8.8', 53);
  const packet = question('a.org', 'A');
  await sink.write(concatBytes([Uint8Array.of(packet.length >> 8, packet.length & 255), packet]));
  await sink.close();
  expect(said((await readAll(source)).subarray(2))).toEqual(['198.18.0.1']);
});

test('a connection is served under the name it was made for, and told of once it is over, with the container that made it', async () => {
  await look('web.org');
  const client = machine.outside.connect('198.18.0.1', 8080, '172.17.0.9');
  await client.sink.write(utf8('hello'));
  await client.sink.close();
  expect(fromUtf8(await readAll(client.source))).toBe('hello');
  await expect.poll(client.end).toBe('ended');
  const plain = machine.outside.connect('192.0.2.7', 22, '100.64.0.2');
  await plain.sink.close();
  await expect.poll(plain.end).toBe('ended');
  expect(way.served).toEqual([
    { name: 'web.org', address: '198.18.0.1', port: 8080 },
    { name: null, address: '192.0.2.7', port: 22 },
  ]);
  await expect.poll(entries).toMatchObject([
    {
      container: { id: 'a1b2', name: 'curious' },
      name: 'web.org',
      address: '198.18.0.1',
      port: 8080,
      by: 'direct',
      sent: 5,
      received: 5,
      problem: null,
    },
    { container: null, name: null, address: '192.0.2.7', port: 22, by: 'direct', sent: 0, received: 0 },
  ]);
});

test('what is refused, breaks, is taken by nobody or went to an address that no longer stands for a name is reset, and the log says why', async () => {
  way.handle = () => Promise.reject(new AppError('forbidden', 'not for you'));
  const clients = [
    machine.outside.connect('192.0.2.7', 80),
    machine.outside.connect('192.0.2.7', 9999),
    machine.outside.connect('198.18.7.7', 80),
  ];
  for (const { end } of clients) await expect.poll(end).toBe('reset');
  await expect
    .poll(() => entries().map(({ by, problem }) => [by, problem]))
    .toEqual(
      expect.arrayContaining([
        [null, 'not for you'],
        [null, 'nobody takes it'],
        [null, '198.18.7.7 stands for no name: its answer was too old'],
      ]),
    );
});

test('who opens connections without end has 256 of them, is told of once, and leaves room when they end', async () => {
  const first = Array.from({ length: 256 }, () => machine.outside.connect('192.0.2.7', 80));
  const more = Array.from({ length: 10_000 }, () => machine.outside.connect('192.0.2.7', 80));
  expect(more.every(({ end }) => end() === 'reset')).toBe(true);
  await expect.poll(() => [outside.connections, entries().length]).toEqual([256, 1]);
  for (const { sink } of first) await sink.close();
  await expect.poll(() => outside.connections).toBe(0);
  const next = machine.outside.connect('192.0.2.7', 80);
  await next.sink.close();
  await expect.poll(next.end).toBe('ended');
});

test('nothing is read of who sends to one that takes nothing', async () => {
  way.handle = async () => new Promise(() => undefined);
  const { sink } = machine.outside.connect('192.0.2.7', 80);
  let written = 0;
  const writing = (async () => {
    for (; written < 64; written += 1) await sink.write(new Uint8Array(65_536));
  })();
  writing.catch(() => undefined);
  // A pipe's own room, and no more however long it takes.
  await expect.poll(() => written).toBe(4);
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(4);
  outside.dispose();
});

test('after a restore the sockets and the names are there, what was under way is reset; where there is no way, nothing is', async () => {
  await look('web.org');
  way.handle = () => new Promise(() => undefined);
  const client = machine.outside.connect('198.18.0.1', 80);
  const saved = outside.save();
  outside.dispose();
  expect(client.end()).toBe('reset');
  create([way]);
  outside.restore(saved, names);
  await outside.prepare(names);
  expect(machine.outside.opened).toBe(1);
  machine.outside.connect('198.18.0.1', 80);
  expect(way.served.at(-1)?.name).toBe('web.org');
  // The guest of the checkpoint has none: it is made.
  machine.outside.isThere = false;
  create([way]);
  outside.restore(saved, names);
  await outside.prepare(names);
  expect(machine.outside.opened).toBe(2);
  create([]);
  outside.restore(saved, names);
  await outside.prepare(names);
  expect([machine.outside.opened, outside.save(), outside.isThere]).toEqual([2, null, false]);
});
