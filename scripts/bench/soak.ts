import { request } from 'node:http';
import { z } from 'zod';
import { freePort } from '../../test/support/free-port.ts';
import { fileTar } from '../../test/support/file-tar.ts';
import { callsOfRound, mixedRound } from '../../test/support/mixed-calls.ts';
import { startEngineProcess, type EngineProcess } from './engine-process.ts';
import { round, type Figure } from './figure.ts';

const megabyte = 1024 * 1024;
/** `SCALE=0.1 npm run bench -- soak` does a tenth of all of it. */
const scale = Number(process.env['SCALE'] ?? 1);
/** A tenth before, for what is kept once and for all: caches, spares, code. */
const warmth = 0.1;
const flatPercent = 5;
const mostOverStart = 100;
const idSchema = z.object({ Id: z.string() });

/** What a use of the engine may leave more of than there was. */
interface Held {
  /** Of the engine's process, garbage collected; without its event log, which has a bound of its own. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Of the guest: what is neither free nor a copy of what can be read again. */
  readonly guestBytes: number;
  readonly slabBytes: number;
  /** Of /var/lib/drydock. */
  readonly diskBytes: number;
  readonly inodes: number;
}

interface Use {
  readonly name: string;
  /** @param part of 0 to 1: how much of it */
  run(part: number): Promise<void>;
}

/** What is held after much use over what was after a little: heap, guest memory and disk flat within 5 %; then RSS after 20 000 mixed calls. */
export async function* soakFigures(): AsyncGenerator<Figure> {
  yield* withEngine(leaks);
  yield* withEngine(resident);
}

async function* withEngine(figures: (engine: EngineProcess) => AsyncGenerator<Figure>): AsyncGenerator<Figure> {
  const engine = await startEngineProcess();
  try {
    await engine.type('docker pull -q busybox');
    await rounds(engine, { from: 0, calls: 500 });
    yield* figures(engine);
  } finally {
    await engine.stop();
  }
}

async function* leaks(engine: EngineProcess): AsyncGenerator<Figure> {
  for (const use of uses(engine)) {
    await use.run(warmth * scale);
    const before = await held(engine);
    const started = performance.now();
    await use.run(scale);
    yield* grown(use.name, before, await held(engine), performance.now() - started);
  }
}

/** Of an engine that did nothing before; on the way there, so that one sees whether it goes on. */
async function* resident(engine: EngineProcess): AsyncGenerator<Figure> {
  const start = (await engine.memory()).rss;
  const parts = 5;
  const calls = Math.round((20_000 * scale) / parts);
  for (let part = 1; part <= parts; part += 1) {
    await rounds(engine, { from: 1000 * part, calls });
    yield {
      figure: `resident memory of the engine after ${calls * part} mixed calls, over that after boot, pull and 500`,
      value: round(((await engine.memory()).rss - start) / megabyte, 1),
      unit: 'MB',
      ...(part === parts ? { target: mostOverStart } : {}),
      before: round(start / megabyte, 1),
    };
  }
}

function uses(engine: EngineProcess): readonly Use[] {
  const times = (count: number, part: number): number => Math.max(1, Math.round(count * part));
  return [
    { name: '500 docker run --rm', run: (part) => typed(engine, times(500, part), 'docker run --rm busybox true') },
    {
      name: '2 000 docker exec',
      run: (part) => withContainer(engine, {}, (id) => typed(engine, times(2000, part), `docker exec ${id} true`)),
    },
    { name: '100 MB through logs', run: (part) => throughOutput(engine, times(100, part), 'logs') },
    { name: '100 MB through attach', run: (part) => throughOutput(engine, times(100, part), 'attach') },
    { name: '100 MB through cp, both ways', run: (part) => throughArchives(engine, times(100, part)) },
    { name: '100 MB through a published port', run: (part) => throughPort(engine, times(100, part)) },
    { name: '2 000 mixed calls', run: (part) => rounds(engine, { from: part < scale ? 2000 : 4000, calls: times(2000, part) }) },
  ];
}

async function typed(engine: EngineProcess, count: number, line: string): Promise<void> {
  const output = await engine.type(`for i in $(seq ${count}); do ${line} || echo fail''ed; done`);
  if (output.includes('failed')) throw new Error(`${line}: ${output}`);
}

async function expect(engine: EngineProcess, status: number, method: string, target: string, body?: unknown): Promise<string> {
  const answer = await engine.send(method, target, body);
  if (answer.status !== status) throw new Error(`${method} ${target}: ${answer.status} ${answer.text.slice(0, 200)}`);
  return answer.text;
}

async function create(engine: EngineProcess, body: Readonly<Record<string, unknown>>): Promise<string> {
  const answer = await expect(engine, 201, 'POST', '/containers/create', { Image: 'busybox', Cmd: ['sleep', '100000'], ...body });
  return idSchema.parse(JSON.parse(answer)).Id;
}

/** One that runs for as long as it is used. */
async function withContainer(
  engine: EngineProcess,
  body: Readonly<Record<string, unknown>>,
  use: (id: string) => Promise<void>,
): Promise<void> {
  const id = await create(engine, body);
  await expect(engine, 204, 'POST', `/containers/${id}/start`);
  await use(id);
  await expect(engine, 204, 'DELETE', `/containers/${id}?force=1&v=1`);
}

async function throughOutput(engine: EngineProcess, megabytes: number, how: 'logs' | 'attach'): Promise<void> {
  const body = { Cmd: ['sh', '-c', `read go; dd if=/dev/zero bs=64k count=${megabytes * 16} 2>/dev/null | tr '\\0' x | fold -w 1000`] };
  const id = await create(engine, { ...body, OpenStdin: true, AttachStdin: true });
  await expect(engine, 204, 'POST', `/containers/${id}/start`);
  const target = { logs: `/containers/${id}/logs?follow=1&stdout=1`, attach: `/containers/${id}/attach?stream=1&stdout=1` }[how];
  const heard = engine.send(how === 'logs' ? 'GET' : 'POST', target);
  const goes = request({ socketPath: engine.socketPath, method: 'POST', path: `/containers/${id}/attach?stream=1&stdin=1`, agent: false });
  goes
    .on('error', () => undefined)
    .setHeader('upgrade', 'tcp')
    .setHeader('connection', 'Upgrade');
  goes.on('upgrade', (_response, socket) => socket.end('go\n')).end();
  const { bytes } = await heard;
  // A follower of the log that is slower than 16 MiB misses lines.
  if (bytes < (how === 'attach' ? megabytes * megabyte : 1)) throw new Error(`${how}: ${bytes} bytes`);
  await expect(engine, 204, 'DELETE', `/containers/${id}?force=1`);
}

function throughArchives(engine: EngineProcess, megabytes: number): Promise<void> {
  return withContainer(engine, {}, async (id) => {
    const target = `/containers/${id}/archive?path=`;
    for (let left = megabytes; left > 0; left -= 10) {
      const size = Math.min(left, 10) * megabyte;
      await expect(engine, 200, 'PUT', `${target}/root`, await fileTar('big', Buffer.alloc(size, 'x')));
      const { status, bytes } = await engine.send('GET', `${target}/root/big`);
      if (status !== 200 || bytes < size) throw new Error(`cp: ${status}, ${bytes} bytes`);
    }
  });
}

async function throughPort(engine: EngineProcess, megabytes: number): Promise<void> {
  const port = await freePort();
  const serve = 'mkdir /w; head -c 1048576 /dev/zero >/w/1m; exec httpd -f -p 80 -h /w';
  const published = { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: String(port) }] } }, ExposedPorts: { '80/tcp': {} } };
  await withContainer(engine, { Cmd: ['sh', '-c', serve], ...published }, async () => {
    for (let done = 0, tries = 0; done < megabytes; tries += 1) {
      const bytes = await received(port).catch(() => 0);
      if (bytes === megabyte) done += 1;
      else if (tries > megabytes + 600) throw new Error(`the published port: ${bytes} bytes`);
      else await new Promise((later) => setTimeout(later, 100));
    }
  });
}

async function rounds(engine: EngineProcess, { from, calls }: { readonly from: number; readonly calls: number }): Promise<void> {
  const caller = {
    leave: engine.leave,
    async call(method: string, target: string, body?: unknown) {
      const { status, text } = await engine.send(method, target, body);
      return { status, json: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
    },
  };
  for (let number = 0; number * callsOfRound < calls; number += 1) await mixedRound(caller, from + number);
}

async function held(engine: EngineProcess): Promise<Held> {
  // Removed containers' name spaces and folders go after a second without docker; what the disk has not written yet is written.
  await engine.type('sleep 3; sync; echo 3 >/proc/sys/vm/drop_caches; sleep 1');
  const facts = await engine.type(
    `awk '/^(MemTotal|MemFree|Buffers|Cached|Shmem|SReclaimable|Slab):/ { print $1 $2 }' /proc/meminfo; df -k /var/lib/drydock | awk 'END { print "Disk:" $3 }'; df -i /var/lib/drydock | awk 'END { print "Inodes:" $3 }'`,
  );
  const fact = (name: string): number => Number(new RegExp(`${name}:(\\d+)`).exec(facts)?.[1] ?? Number.NaN);
  const { heapUsed, arrayBuffers, logBytes, rss } = await engine.memory();
  return {
    heapBytes: heapUsed + arrayBuffers - logBytes,
    rssBytes: rss,
    // MemAvailable takes a part of what is cached for used. Two states 2 MB apart are seen here as well, and go to and fro: no growth.
    guestBytes: (fact('MemTotal') - fact('MemFree') - fact('Buffers') - fact('Cached') + fact('Shmem') - fact('SReclaimable')) * 1024,
    slabBytes: fact('Slab') * 1024,
    diskBytes: fact('Disk') * 1024,
    inodes: fact('Inodes'),
  };
}

function* grown(name: string, before: Held, after: Held, milliseconds: number): Generator<Figure> {
  const figures = [
    ['heap of the engine', 'heapBytes'],
    ['memory used in the guest', 'guestBytes'],
    ['blocks used on the disk', 'diskBytes'],
  ] as const;
  for (const [what, key] of figures) {
    yield {
      figure: `${what} after ${name}, over that after a tenth`,
      value: round(((after[key] - before[key]) / Math.max(before[key], 1)) * 100),
      unit: '%',
      target: flatPercent,
      before: round(before[key] / megabyte),
      after: round(after[key] / megabyte),
      ...(key === 'guestBytes' ? { slabMB: round((after.slabBytes - before.slabBytes) / megabyte) } : {}),
      ...(key === 'diskBytes' ? { inodes: after.inodes - before.inodes } : {}),
      ...(key === 'heapBytes'
        ? { rssMB: round((after.rssBytes - before.rssBytes) / megabyte), seconds: round(milliseconds / 1000, 0) }
        : {}),
    };
  }
}

function received(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/1m', agent: false }, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length)).on('error', reject);
      response.on('end', () => resolve(bytes));
    });
    asked.on('error', reject).end();
  });
}
