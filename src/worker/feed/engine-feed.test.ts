import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { cleanUp, sequences } from '../../engine/testing/sequences/commands.ts';
import { Scenario } from '../../engine/testing/sequences/scenario.ts';
import { memoryHost } from '../../engine/testing/sequences/memory-host.ts';
import type { EngineDelta, EngineState } from '../../protocol/engine-feed.ts';
import { createContainerSchema } from '../../protocol/engine-api.ts';
import type { EventLog } from '../../protocol/log.ts';
import { EngineMirror } from '../../protocol/engine-mirror.ts';
import { EngineFeed } from './engine-feed.ts';
import { toDisposable } from '../../base/disposable.ts';
import type { FeedSource, Later } from './follower.ts';

vi.mock('../../base/pace.ts', async (original) => ({
  ...(await original<object>()),
  createPace: () => ({ isDue: () => false, turn: () => Promise.resolve(), begin: () => undefined }),
}));

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Timers that fire when they are told to. */
function createTimers() {
  const waiting = new Set<{ readonly call: () => void }>();
  const later: Later = (_milliseconds, call) => {
    const timer = { call };
    waiting.add(timer);
    return { dispose: () => void waiting.delete(timer) };
  };
  return {
    later,
    get count() {
      return waiting.size;
    },
    /** Fires what waits, and lets what comes of it be over. */
    async fire(): Promise<void> {
      for (const timer of [...waiting]) {
        waiting.delete(timer);
        timer.call();
      }
      await turn();
    },
  };
}

type Backend = FeedSource['backend'];

/** The whole state, asked for as a client would. */
async function stateOf({ containers, images, networks, volumes }: Backend) {
  const summaries = await containers.list({ all: true, limit: 0, size: false, filters: {} });
  return {
    containers: await Promise.all(summaries.map(({ Id }) => containers.inspect(Id, { size: false }))),
    images: await images.list({ all: false, filters: {}, sharedSize: false }),
    networks: await networks.list({}),
    volumes: await volumes.list({}),
  };
}

const shown = ({ containers, images, networks, volumes }: Omit<EngineState, 'sequence'>) => ({ containers, images, networks, volumes });

const request = { kind: 'request', transport: 'unix', method: 'POST', query: {}, status: 204 } as const;

/** What the API writes into the log of an operation; the operations here go past it. */
function logRequests(log: Pick<EventLog, 'append'>, step: string): void {
  for (const operation of step.split(' | ').map((text): Record<string, unknown> => JSON.parse(text)))
    log.append({
      ...request,
      method: operation['verb'] === 'remove' ? 'DELETE' : 'POST',
      path: `/containers/${operation['verb'] === 'prune' ? 'prune' : String(operation['name'])}`,
    });
}

const steps = sequences({
  where: 'memory',
  programs: ['sleeps', 'heeds', 'reads', 'ends', 'fails', 'brief', 'missing', 'hungry'],
  steps: 25,
});

test(
  'whatever is done to containers, a mirror shows what the engine says: at once when it asks, soon when it does not',
  { timeout: 120_000 },
  async () => {
    const property = fc.asyncProperty(steps, async (commands) => {
      const host = await memoryHost([3]);
      const scenario = new Scenario(host);
      const timers = createTimers();
      const feeds = { asked: new EngineFeed(() => toDisposable(() => undefined)), timed: new EngineFeed(timers.later) };
      let followed = host.subject;
      const follow = (): void => Object.values(feeds).forEach((feed) => feed.follow({ log: followed.log, backend: followed }));
      follow();
      const asking = new EngineMirror(feeds.asked);
      const waiting = new EngineMirror(feeds.timed);
      await Promise.all([asking.start(), waiting.start()]);
      for (const command of commands) {
        await command.run({}, scenario);
        if (host.subject !== followed) {
          followed = host.subject;
          follow();
        }
        logRequests(followed.log, command.toString());
        for (let round = 0; round < 4; round += 1) await timers.fire();
        const truth = shown(await stateOf(followed));
        expect(shown(waiting.state)).toEqual(truth);
        expect(shown(await asking.sync())).toEqual(truth);
        expect(asking.state.sequence).toBe(followed.log.last);
      }
      await cleanUp(scenario);
      Object.values(feeds).forEach((feed) => feed.dispose());
    });
    await fc.assert(property, { numRuns: Number(process.env['RUNS'] ?? 25) });
  },
);

/** An engine in memory with a feed, of which a test decides when timers fire and when the page is done with a delta. */
async function watched({ slow = false } = {}) {
  const host = await memoryHost([1]);
  const { subject } = host;
  const timers = createTimers();
  const feed = new EngineFeed(timers.later);
  feed.follow({ log: subject.log, backend: subject });
  const deltas: EngineDelta[] = [];
  const mirror = new EngineMirror(feed);
  let release = (): void => undefined;
  const watch = await feed.watch(0, (delta) => {
    deltas.push(structuredClone(delta));
    mirror.take(delta);
    return slow && deltas.length > 1 ? new Promise((resolve) => (release = resolve)) : Promise.resolve();
  });
  const made: string[] = [];
  const create = async (name: string): Promise<void> => {
    const body = createContainerSchema.parse({ Image: 'busybox', Cmd: ['true'] });
    made.push((await subject.containers.create({ name, platform: '', body })).Id);
  };
  return { host, subject, timers, feed, deltas, mirror, watch, made, create, release: () => release() };
}

const namesOf = ({ state }: EngineMirror): readonly string[] => state.containers.map(({ Name }) => Name);

test('the first delta tells everything, the next ones what changed, all that happened in between at once', async () => {
  const { timers, deltas, create, made } = await watched();
  await create('one');
  await create('two');
  expect(deltas).toHaveLength(1);
  await timers.fire();
  await create('three');
  await timers.fire();
  expect(deltas.map(({ containers }) => [containers.whole, containers.changed.map(({ Id }) => Id)])).toEqual([
    [true, []],
    [false, [made[0], made[1]]],
    [false, [made[2]]],
  ]);
  expect(deltas.map(({ images }) => images?.length ?? null)).toEqual([1, null, null]);
});

test('an engine at rest sets no timer and tells nothing', async () => {
  const { timers, deltas, create } = await watched();
  await create('one');
  await timers.fire();
  await timers.fire();
  expect(timers.count).toBe(0);
  expect(deltas).toHaveLength(2);
});

test('a page that is slow has one delta on its way; what gathers meanwhile is told in one, as it is by then', async () => {
  const { subject, timers, deltas, mirror, create, made, release } = await watched({ slow: true });
  await create('first');
  await timers.fire();
  for (let round = 0; round < 50; round += 1) {
    await create(`passing-${round}`);
    await subject.containers.rename(made[0] ?? '', `renamed-${round}`);
    await subject.containers.remove(`passing-${round}`, { force: true, volumes: false, link: false });
    await timers.fire();
  }
  expect(deltas).toHaveLength(2);
  release();
  await turn();
  await timers.fire();
  expect(deltas).toHaveLength(3);
  expect(deltas[2]?.containers.changed.map(({ Id }) => Id)).toEqual([made[0]]);
  expect(namesOf(mirror)).toEqual(['/renamed-49']);
});

test('a page that never answers costs no more than a thousand IDs, and is told everything when it does', async () => {
  const { subject, timers, deltas, create, release } = await watched({ slow: true });
  await create('first');
  await timers.fire();
  for (let round = 0; round < 1001; round += 1) subject.log.append({ ...request, path: `/containers/passing-${round}/start` });
  release();
  await turn();
  await timers.fire();
  expect(deltas[2]?.containers).toMatchObject({ whole: true, changed: [{ Name: '/first' }], gone: [] });
});

test('a listener that rejects is dropped, and the others are told', async () => {
  const { feed, timers, mirror, create } = await watched();
  const lost = await feed.watch(0, (delta) => (delta.containers.whole ? Promise.resolve() : Promise.reject(new Error('the page is gone'))));
  await create('one');
  await timers.fire();
  expect(feed.watching).toBe(1);
  expect(namesOf(mirror)).toEqual(['/one']);
  await expect(feed.sync(lost)).rejects.toMatchObject({ kind: 'not_found' });
});

test('who watches no more is told no more, and no timer is left of it', async () => {
  const { feed, watch, timers, deltas, create } = await watched();
  await create('one');
  await feed.unwatch(watch);
  expect(timers.count).toBe(0);
  await create('two');
  await timers.fire();
  expect(deltas).toHaveLength(1);
});

test('an engine that is restored to an earlier time takes its followers along', async () => {
  const { host, feed, timers, deltas, mirror, create, subject } = await watched();
  await create('early');
  await timers.fire();
  const saved: unknown = JSON.parse(JSON.stringify(host.subject.snapshot()));
  const then = subject.log.last;
  await create('late');
  await timers.fire();
  host.subject.restore(saved, await host.subject.openImages(saved));
  await create('other');
  await timers.fire();
  expect(deltas.at(-1)).toMatchObject({ epoch: subject.log.epoch, after: then, sequence: then + 1, containers: { whole: true } });
  expect(namesOf(mirror)).toEqual(['/other', '/early']);
  const created = (await mirror.logSince(0)).flatMap((entry) => (entry.kind === 'event' && entry.action === 'create' ? [entry] : []));
  expect(created.map(({ actor }) => actor.attributes['name'])).toEqual(['early', 'other']);
  feed.dispose();
});

test('an engine that is restored without anything happening is seen by who asks', async () => {
  const { host, mirror, feed, watch, timers, create } = await watched();
  const saved: unknown = JSON.parse(JSON.stringify(host.subject.snapshot()));
  await create('late');
  await timers.fire();
  host.subject.restore(saved, await host.subject.openImages(saved));
  await feed.sync(watch);
  expect(namesOf(mirror)).toEqual([]);
});

test('a reset while a delta is read tells the engine that is there then', async () => {
  const before = await watched();
  const after = await memoryHost([1]);
  await before.create('gone');
  const asked = before.feed.sync(before.watch);
  before.feed.follow({ log: after.subject.log, backend: after.subject });
  await asked;
  expect(namesOf(before.mirror)).toEqual([]);
  expect(before.mirror.state.sequence).toBe(after.subject.log.last);
});

test('an engine that cannot be read fails who asks, and is told whole once it can', async () => {
  const { subject, feed, mirror, timers } = await watched();
  const broken = { ...subject.containers, list: () => Promise.reject(new Error('no')) };
  feed.follow({ log: subject.log, backend: { ...subject, containers: broken } });
  const watch = feed.watch(0, () => undefined);
  await expect(watch).rejects.toThrow('no');
  feed.follow({ log: subject.log, backend: subject });
  await timers.fire();
  expect(mirror.state.images).toHaveLength(1);
});
