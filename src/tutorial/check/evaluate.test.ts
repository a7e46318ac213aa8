import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../protocol/log.ts';
import type { GuestAnswer, GuestQuery } from '../../protocol/playground.ts';
import { predicate as schema } from '../format/predicate.ts';
import { english } from '../catalogue/en.ts';
import {
  containerFact,
  eventFact,
  execFact,
  hex,
  imageFact,
  networkFact,
  readerOf,
  requestFact,
  sceneFact,
  snapshotFact,
  volumeFact,
} from '../testing/facts.ts';
import { asksForExecs, createMemory, evaluate, needsPolling, type Memory, type Outcome } from './evaluate.ts';
import type { Observation } from './observation.ts';

const check = (predicate: unknown, observation: Observation, memory: Memory = createMemory()): Promise<Outcome> =>
  evaluate(schema().parse(predicate), observation, { memory, catalogue: english });
const withContainers = (...containers: Parameters<typeof containerFact>[0][]): Observation =>
  sceneFact({
    engine: snapshotFact({
      containers: containers.map((sketch) => containerFact(sketch)),
      images: [imageFact('nginx'), imageFact('busybox')],
    }),
  });
const withLog = (...log: LogEntry[]): Observation => sceneFact({ log });
function withFiles(files: Readonly<Record<string, string>>, observation: Observation = sceneFact()): Observation {
  return { ...observation, guest: readerOf(files) };
}
const sentence = async (predicate: unknown, observation: Observation): Promise<string> =>
  (await check(predicate, observation)).failing?.sentence ?? 'ok';

describe('container', () => {
  test.each<[string, unknown, Parameters<typeof containerFact>[0]]>([
    ['name and state', { name: 'web', state: 'running' }, {}],
    ['an image by another spelling', { image: 'docker.io/library/nginx:latest' }, {}],
    ['an image that was run by id', { image: 'nginx' }, { image: hex('nginx').slice(0, 12), imageId: `sha256:${hex('nginx')}` }],
    [
      'flags of its creation',
      { tty: true, openStdin: true, autoRemove: true },
      { body: { Tty: true, OpenStdin: true, HostConfig: { AutoRemove: true } } },
    ],
    [
      'limits with units',
      { memory: '64M', cpus: 0.5, pidsLimit: 20 },
      { body: { HostConfig: { Memory: 67108864, NanoCpus: 5e8, PidsLimit: 20 } } },
    ],
    ['a command', { command: 'sleep 10' }, { body: { Cmd: ['sleep', '10'] } }],
    ['a word of a command', { command: { contains: '10' } }, { body: { Cmd: ['sleep', '10'] } }],
    ['environment, labels', { env: { A: '1' }, labels: { b: { contains: 'x' } } }, { body: { Env: ['A=1', 'B=2'], Labels: { b: 'axb' } } }],
    ['the absence of a variable of this value', { env: { A: { not: '2' } } }, {}],
    ['published ports', { ports: { '80/tcp': 8080 } }, { ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] } }],
    [
      'mounts',
      { mounts: { '/data': 'notes' } },
      { mounts: [{ Type: 'volume', Name: 'notes', Source: '/v', Destination: '/data', Mode: '', RW: true, Propagation: '' }] },
    ],
    ['networks', { networks: { shop: { not: '' } } }, { networks: { shop: '172.18.0.2' } }],
    ['health and restarts', { health: 'healthy', restartCount: { 'at-least': 1 } }, { health: 'healthy', restartCount: 2 }],
    ['an end for want of memory', { state: 'exited', exitCode: 137, oomKilled: true }, { state: 'exited', exitCode: 137, oomKilled: true }],
  ])('%s', async (_, predicate, sketch) => {
    expect(await check({ container: predicate }, withContainers(sketch))).toMatchObject({ ok: true, failing: null });
  });

  test.each<[string, unknown, Parameters<typeof containerFact>[0], string]>([
    ['another state', { name: 'web', state: 'running' }, { state: 'exited' }, 'There is web, but it is exited, not running.'],
    ['another image', { name: 'web', image: 'nginx' }, { image: 'busybox' }, 'There is web, but it is from busybox, not from nginx.'],
    [
      'another name',
      { name: 'web', image: 'nginx', state: 'running' },
      { name: 'wep' },
      'There is a running container from nginx, but it is named wep, not web.',
    ],
    ['no terminal', { image: 'nginx', tty: true }, {}, 'There is web, but it has no terminal.'],
    ['a terminal too many', { image: 'nginx', tty: false }, { body: { Tty: true } }, 'There is web, but it has a terminal.'],
    [
      'one megabyte more',
      { name: 'web', memory: '64M' },
      { body: { HostConfig: { Memory: 68157440 } } },
      'There is web, but its memory limit is 68157440, not 64M.',
    ],
    ['an unset variable', { name: 'web', env: { A: '1' } }, {}, 'There is web, but it has no environment variable A.'],
    [
      'an exit code that must not be',
      { name: 'web', exitCode: { not: 0 } },
      { state: 'exited' },
      'There is web, but its exit code is 0; it has to be other than 0.',
    ],
    ['nothing like it', { name: 'web', state: 'running' }, { name: 'other', image: 'busybox' }, 'There is no container web.'],
  ])('%s is told', async (_, predicate, sketch, told) => {
    expect(await sentence({ container: predicate }, withContainers(sketch))).toBe(told);
  });

  test('one container has to match all of it', async () => {
    const observation = withContainers({ name: 'a', state: 'running', image: 'busybox' }, { name: 'b', state: 'exited', image: 'nginx' });
    expect((await check({ container: { state: 'running', image: 'nginx' } }, observation)).ok).toBe(false);
  });

  test('the newest near miss is told', async () => {
    const observation = withContainers(
      { name: 'new', created: '2026-01-02T00:00:00Z', state: 'running' },
      { name: 'old', created: '2026-01-01T00:00:00Z', state: 'created' },
    );
    expect(await sentence({ container: { image: 'nginx', state: 'exited' } }, observation)).toContain('new');
  });

  test('same-as entry is the container of that name when the step was entered', async () => {
    const before = containerFact({ id: hex('first') });
    const unchanged = { container: { name: 'web', id: { 'same-as': 'entry' }, startedAt: { 'same-as': 'entry' } } };
    const observation = (now: ReturnType<typeof containerFact>): Observation =>
      sceneFact({ engine: snapshotFact({ containers: [now] }), entry: snapshotFact({ containers: [before] }) });
    expect((await check(unchanged, observation(before))).ok).toBe(true);
    expect(await sentence(unchanged, observation(containerFact({ id: hex('second') })))).toBe(
      'There is web, but it is another one than when this step began.',
    );
    expect(await sentence(unchanged, observation(containerFact({ id: hex('first'), startedAt: '2026-01-01T01:00:00Z' })))).toBe(
      'There is web, but it was started again since this step began.',
    );
    expect((await check(unchanged, sceneFact({ engine: snapshotFact({ containers: [before] }) }))).ok).toBe(false);
  });

  test('attached as long as the answer to an attach has not ended', async () => {
    const attach = requestFact(3, 'POST', `/containers/${hex('web').slice(0, 12)}/attach`, { status: 101 });
    const detached = { container: { name: 'web', attached: false } };
    expect((await check(detached, withContainers({}))).ok).toBe(true);
    expect(await sentence(detached, { ...withContainers({}), log: [attach] })).toBe('There is web, but it has an attached terminal.');
    expect(
      (
        await check(detached, {
          ...withContainers({}),
          log: [attach, { kind: 'request-closed', sequence: 4, timeNano: '0', request: 3, by: 'client' }],
        })
      ).ok,
    ).toBe(true);
    expect((await check(detached, { ...withContainers({}), log: [{ ...attach, status: 409 }] })).ok).toBe(true);
  });

  test('its files are read in that very container', async () => {
    const both = withContainers({ name: 'a', state: 'exited', image: 'busybox' }, { name: 'b', state: 'exited', image: 'busybox' });
    const note = (content: unknown): unknown => ({ container: { image: 'busybox', files: { '/note': { content } } } });
    const observation = withFiles({ [`container:${hex('a')}:/note`]: 'maple\n' }, both);
    expect((await check(note('maple'), observation)).ok).toBe(true);
    expect((await check({ container: { name: 'b', files: { '/note': {} } } }, observation)).failing?.sentence).toBe(
      'There is b, but its file /note is not there.',
    );
    expect((await check({ container: { name: 'a', files: { '/note': { content: 'quartz' } } } }, observation)).failing?.sentence).toBe(
      'There is a, but its file /note says “maple”, not “quartz”.',
    );
    expect((await check({ container: { name: 'b', files: { '/note': { exists: false } } } }, observation)).ok).toBe(true);
  });
});

describe('image and network', () => {
  const observation = sceneFact({
    engine: snapshotFact({
      images: [imageFact('nginx', { Size: 20_000_000, Labels: { a: '1' } })],
      networks: [networkFact('shop', ['api', 'db'])],
      containers: [containerFact()],
    }),
  });
  test('match by their fields', async () => {
    expect(
      (await check({ image: { name: 'nginx', size: { 'less-than': '20M' }, labels: { a: '1' }, containers: 1 } }, observation)).ok,
    ).toBe(true);
    expect((await check({ network: { name: 'shop', driver: 'bridge', containers: { contains: 'db' } } }, observation)).ok).toBe(true);
  });
  test('tell what is missing', async () => {
    expect(await sentence({ image: { name: 'redis' } }, observation)).toBe('There is no image redis.');
    expect(await sentence({ image: { name: 'nginx', size: { 'less-than': '10M' } } }, observation)).toBe(
      'There is nginx, but its size is 20000000; it has to be less than 10M.',
    );
    expect(await sentence({ network: { name: 'shop', containers: { contains: 'web' } } }, observation)).toBe(
      'There is shop, but its list of containers is api db, without “web” in it.',
    );
    expect(await sentence({ network: { name: 'front' } }, observation)).toBe('There is no network front.');
  });
});

describe('count', () => {
  const observation = withContainers({ name: 'a' }, { name: 'b' }, { name: 'c', image: 'busybox' });
  test.each<[string, unknown]>([
    ['exactly', { container: { image: 'nginx' }, exactly: 2 }],
    ['at least', { container: { image: 'nginx' }, 'at-least': 2 }],
    ['at most', { container: {}, 'at-most': 3 }],
    ['none', { container: { image: 'redis' }, exactly: 0 }],
    ['a number from a variable', { image: { name: 'nginx' }, exactly: '1' }],
  ])('%s', async (_, predicate) => {
    expect((await check({ count: predicate }, observation)).ok).toBe(true);
  });
  test('one too few, one too many', async () => {
    expect(await sentence({ count: { container: { image: 'nginx' }, 'at-least': 3 } }, observation)).toBe(
      'There are 2 containers from nginx; at least 3 are wanted.',
    );
    expect(await sentence({ count: { container: { image: 'busybox' }, exactly: 0 } }, observation)).toBe(
      'There is 1 container from busybox; none are wanted.',
    );
  });
  test('objects of events and requests', async () => {
    const log = withLog(
      eventFact(1, 'die', { id: 'a' }),
      eventFact(2, 'die', { id: 'a' }),
      eventFact(3, 'die', { id: 'b' }),
      requestFact(4, 'GET', '/info'),
    );
    expect((await check({ count: { event: { type: 'container', action: 'die' }, exactly: 2 } }, log)).ok).toBe(true);
    expect((await check({ count: { request: { method: 'GET', path: '/info' }, exactly: 2 } }, log)).ok).toBe(false);
  });
});

describe('event', () => {
  const died = (exitCode: string): LogEntry => eventFact(5, 'die', { attributes: { image: 'hello-world', name: 'x', exitCode } });
  const hello = { event: { type: 'container', action: 'die', image: 'hello-world', exitCode: 0 } };
  test('since entry', async () => {
    expect((await check(hello, withLog(died('0')))).ok).toBe(true);
    expect((await check(hello, { ...withLog(died('0')), horizon: 5 })).ok).toBe(false);
    expect((await check({ ...hello, since: 'tutorial' }, { ...withLog(died('0')), horizon: 5 })).ok).toBe(true);
  });
  test('near misses are told', async () => {
    expect(await sentence(hello, withLog(died('1')))).toBe('x ended, but its exit code is 1, not 0.');
    expect(await sentence(hello, withLog(eventFact(1, 'create', { attributes: { image: 'hello-world' } })))).toBe(
      'No container from hello-world has ended since this step began.',
    );
    expect(await sentence(hello, withLog(eventFact(1, 'die', { type: 'volume' })))).toBe(
      'No container from hello-world has ended since this step began.',
    );
  });
  test('facts come before attributes', async () => {
    const entry = eventFact(1, 'create', {
      facts: { autoRemove: true, tty: false, cmd: 'x' },
      attributes: { name: 'a', 'com.example': '1' },
    });
    expect(
      (
        await check(
          {
            event: {
              type: 'container',
              action: 'create',
              autoRemove: true,
              tty: false,
              name: 'a',
              attributes: { cmd: 'x', 'com.example': 1 },
            },
          },
          withLog(entry),
        )
      ).ok,
    ).toBe(true);
    expect((await check({ event: { type: 'container', action: 'create', autoRemove: false } }, withLog(entry))).ok).toBe(false);
  });
  const course = {
    event: {
      type: 'container',
      action: 'create',
      autoRemove: true,
      then: [{ action: 'die', exitCode: { not: 0 } }, { action: 'destroy' }],
    },
  };
  const created = (id: string, sequence: number): LogEntry =>
    eventFact(sequence, 'create', { id, facts: { autoRemove: true }, attributes: { name: id } });
  const ended = (id: string, sequence: number, exitCode = 1): LogEntry =>
    eventFact(sequence, 'die', { id, facts: { exitCode }, attributes: { name: id } });
  test('an action is told by its name, whatever words stand behind it', async () => {
    const stepped = { event: { type: 'container', action: 'exec_create', name: 'app' } };
    const log = withLog(eventFact(1, 'exec_create: sh -c ls', { attributes: { name: 'app' } }));
    expect(await sentence(stepped, log)).toBe('ok');
    expect((await check({ event: { ...stepped.event, action: 'exec' } }, log)).ok).toBe(false);
  });
  test('a list among the facts is read as its words', async () => {
    const looks = (part: string) => ({ event: { type: 'container', action: 'create', attributes: { command: { contains: part } } } });
    const log = withLog(eventFact(1, 'create', { facts: { command: ['sh', '-c', 'cat /note'] }, attributes: { name: 'a' } }));
    expect((await check(looks('cat /note'), log)).ok).toBe(true);
    expect(await sentence(looks('-c ls'), log)).toBe('a was created, but its command is sh -c cat /note, without “-c ls” in it.');
  });
  test('what happens to one object in order', async () => {
    expect(
      (
        await check(
          course,
          withLog(created('a', 1), eventFact(2, 'start', { id: 'a' }), ended('a', 3), eventFact(4, 'destroy', { id: 'a' })),
        )
      ).ok,
    ).toBe(true);
    expect((await check(course, withLog(created('a', 1), ended('b', 2), eventFact(3, 'destroy', { id: 'b' })))).ok).toBe(false);
    expect((await check(course, withLog(ended('a', 1), eventFact(2, 'destroy', { id: 'a' }), created('a', 3)))).ok).toBe(false);
    expect(await sentence(course, withLog(created('a', 1), ended('a', 2, 0)))).toBe(
      'a ended, but its exit code is 0; it has to be other than 0.',
    );
    expect(await sentence(course, withLog(created('a', 1), ended('a', 2)))).toBe('a ended, but it has not been removed yet.');
  });
});

describe('request', () => {
  const list = { request: { method: 'GET', path: '/containers/json', query: { all: true } } };
  test('by method, path and parameters', async () => {
    for (const all of ['1', 'true', 'yes'])
      expect((await check(list, withLog(requestFact(1, 'GET', '/containers/json', { query: { all, limit: '3' } })))).ok, all).toBe(true);
  });
  test('near misses are told', async () => {
    for (const query of [{}, { all: '0' }, { all: 'false' }, { all: '' }]) {
      expect(await sentence(list, withLog(requestFact(1, 'GET', '/containers/json', { query })))).toBe(
        'You asked the engine to list containers, but not those that have stopped.',
      );
    }
    expect(await sentence(list, withLog(requestFact(1, 'POST', '/containers/json', { query: { all: '1' } })))).toBe(
      'In this step you have not asked the engine to list containers.',
    );
    expect(await sentence(list, withLog(requestFact(1, 'GET', '/containers/json', { query: { all: '1' }, status: 500 })))).toBe(
      'You asked the engine to list containers, but it answered 500, not with success.',
    );
  });
  test('a refusal counts only where it is asked for', async () => {
    const conflict = { request: { method: 'POST', path: '/containers/create', query: { name: 'web' }, status: 409 } };
    expect((await check(conflict, withLog(requestFact(1, 'POST', '/containers/create', { query: { name: 'web' }, status: 409 })))).ok).toBe(
      true,
    );
    expect(await sentence(conflict, withLog(requestFact(1, 'POST', '/containers/create', { query: { name: 'web' }, status: 201 })))).toBe(
      'You asked the engine to create a container, but it answered 201, not 409.',
    );
  });
  test('a container of the path by name, id and prefix; any segment', async () => {
    const logs = { request: { method: 'GET', path: '/containers/{web}/logs' } };
    for (const named of ['web', hex('web'), hex('web').slice(0, 12)]) {
      expect((await check(logs, { ...withContainers({}), log: [requestFact(1, 'GET', `/containers/${named}/logs`)] })).ok, named).toBe(
        true,
      );
    }
    expect((await check(logs, { ...withContainers({}), log: [requestFact(1, 'GET', '/containers/other/logs')] })).ok).toBe(false);
    expect(
      (await check({ request: { method: 'GET', path: '/containers/*/logs' } }, withLog(requestFact(1, 'GET', '/containers/other/logs'))))
        .ok,
    ).toBe(true);
    expect(
      (await check({ request: { method: 'GET', path: '/containers/*/logs' } }, withLog(requestFact(1, 'GET', '/containers/a/b/logs')))).ok,
    ).toBe(false);
  });
  test('transport, and who ended the answer', async () => {
    const follow = { request: { method: 'GET', path: '/events', transport: 'unix', closedBy: 'client' } };
    const asked = requestFact(1, 'GET', '/events', { transport: 'unix' });
    expect((await check(follow, withLog(asked, { kind: 'request-closed', sequence: 2, timeNano: '0', request: 1, by: 'client' }))).ok).toBe(
      true,
    );
    expect(await sentence(follow, withLog(asked))).toBe('You asked the engine to tell what happens, but the answer has not ended yet.');
    expect((await check(follow, withLog(requestFact(1, 'GET', '/events')))).ok).toBe(false);
  });
});

describe('exec', () => {
  test('by the first words', async () => {
    const uname = { exec: { argv: ['uname', '-r'], tty: true } };
    expect((await check(uname, withLog(execFact(1, ['/bin/uname', '-r', '-s'])))).ok).toBe(true);
    expect((await check(uname, withLog(execFact(1, ['uname'])))).ok).toBe(false);
    expect((await check(uname, withLog(execFact(1, ['uname', '-r'], { tty: false })))).ok).toBe(false);
  });

  test('by the name spaces that it was executed in, compared with those of the host and of a container', async () => {
    const files = {
      'guest:/proc/1/ns/net': '-> net:[1]',
      'guest:/proc/1/ns/mnt': '-> mnt:[2]',
      [`container:${hex('web')}:/proc/self/ns/net`]: '-> net:[3]',
    };
    const looked = (namespaces: Readonly<Record<string, string>>): Observation => ({
      ...withFiles(files, withContainers({})),
      log: [execFact(1, ['ip', 'addr'], { namespaces })],
    });
    const inside = { exec: { argv: ['ip'], namespaces: { net: { 'same-as': 'container:web' }, mnt: { 'same-as': 'host' } } } };
    expect((await check(inside, looked({ net: '[3]', mnt: '[2]' }))).failing).toBeNull();
    expect(await sentence(inside, looked({ net: '[1]', mnt: '[2]' }))).toBe('ip was executed, but its net namespace is not that of web.');
    expect(await sentence(inside, looked({ net: '[3]', mnt: '[4]' }))).toBe(
      'ip was executed, but its mnt namespace is not that of the host.',
    );
    const outside = { exec: { argv: ['ip'], namespaces: { net: { 'differs-from': 'host' } } } };
    expect(await sentence(outside, looked({ net: '[1]' }))).toBe('ip was executed, but its net namespace is that of the host.');
    expect(asksForExecs(schema().parse(outside))).toBe(true);
  });
});

test('anything at all is said as such', async () => {
  const wants = (networks: unknown) => ({ container: { name: 'web', networks } });
  const scene = withContainers({ networks: { lab: '' } });
  expect(await sentence(wants({ lab: { not: '' } }), scene)).toBe('There is web, but it has no address in lab.');
  expect((await check(wants({ lab: { not: '' } }), scene)).leaves[0]?.expected).toBe('A container web with an address in lab');
});

describe('file', () => {
  const observation = withFiles({ 'guest:/lab/a': 'one\n', [`container:${hex('web')}:/etc/b`]: 'two' }, withContainers({}));
  test('in the guest and in containers', async () => {
    expect(
      (await check({ file: { in: 'guest', path: '/lab/a', content: 'one', type: 'file', mode: '644', owner: 0, size: 4 } }, observation))
        .ok,
    ).toBe(true);
    expect((await check({ file: { in: 'container:web', path: '/etc/b', content: { contains: 'w' } } }, observation)).ok).toBe(true);
    expect((await check({ file: { in: 'guest', path: '/lab/none', exists: false } }, observation)).ok).toBe(true);
  });
  test('in a volume, which may be gone', async () => {
    const engine = snapshotFact({ volumes: [volumeFact('models')] });
    const scene = withFiles({ 'guest:/var/lib/docker/volumes/models/_data/model': 'x\n' }, sceneFact({ engine }));
    expect((await check({ file: { in: 'volume:models', path: '/model', content: 'x' } }, scene)).ok).toBe(true);
    expect(await sentence({ file: { in: 'volume:models', path: '/other' } }, scene)).toBe('The file /other in volume models is not there.');
    expect(await sentence({ file: { in: 'volume:none', path: '/model' } }, scene)).toBe(
      'There is no volume none whose files could be looked at.',
    );
  });
  test('what cannot be looked at is not gone', async () => {
    const read = ({ op }: GuestQuery): Promise<GuestAnswer> =>
      Promise.resolve({ ok: false, op, kind: 'unavailable', message: 'the guest is starting' });
    const gone = { not: { file: { in: 'guest', path: '/lab/a' } } };
    await expect(check(gone, { ...observation, guest: { ...readerOf({}), read } })).rejects.toMatchObject({ kind: 'unavailable' });
  });
  test('what is not as described is told', async () => {
    expect(await sentence({ file: { in: 'guest', path: '/lab/none' } }, observation)).toBe(
      'The file /lab/none in the Docker host is not there.',
    );
    expect(await sentence({ file: { in: 'guest', path: '/lab/a', exists: false } }, observation)).toBe(
      'The file /lab/a in the Docker host is still there.',
    );
    expect(await sentence({ file: { in: 'guest', path: '/lab/a', content: 'two' } }, observation)).toBe(
      'The file /lab/a in the Docker host says “one”, not “two”.',
    );
    expect(await sentence({ file: { in: 'guest', path: '/lab/a', mode: '600' } }, observation)).toBe(
      'The mode of the file /lab/a in the Docker host is 644, not 600.',
    );
    expect(await sentence({ file: { in: 'container:none', path: '/etc/b', exists: false } }, observation)).toBe(
      'There is no container none whose files could be looked at.',
    );
  });
});

describe('kernel', () => {
  const own = `container:${hex('web')}`;
  const files = {
    [`${own}:/proc/self/status`]:
      'Name:\tnginx\nUid:\t0\t101\t0\t0\nNSpid:\t321\t1\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t2\n',
    [`${own}:/proc/self/ns/net`]: '-> net:[4026532001]',
    'guest:/proc/1/ns/net': '-> net:[4026531840]',
    [`${own}:/proc/self/cgroup`]: '0::/docker/abc\n',
    'guest:/sys/fs/cgroup/docker/abc/memory.max': '67108864\n',
    [`${own}:/proc/self/mountinfo`]:
      '22 1 0:20 / / ro,relatime - overlay overlay rw,lowerdir=/a\n23 22 0:21 / /my\\040tmp rw - tmpfs tmpfs rw,size=8192k\n',
  };
  const observation = withFiles(files, withContainers({}));
  test.each<[string, unknown]>([
    ['status', { comm: 'nginx', uid: 101, nsPid: 1, capEff: '00000000a80425fb', noNewPrivs: 0, seccomp: 2 }],
    ['namespaces', { namespaces: { net: { 'differs-from': 'host' } } }],
    ['cgroup files', { cgroup: { 'memory.max': '64M' } }],
    [
      'mounts',
      {
        mounts: {
          '/': { type: 'overlay', readonly: true },
          '/my tmp': { type: 'tmpfs', readonly: false, options: { contains: 'size=8192k' } },
        },
      },
    ],
  ])('%s', async (_, facts) => {
    expect((await check({ kernel: { of: 'container:web', ...Object(facts) } }, observation)).failing).toBeNull();
    expect((await check({ container: { name: 'web', kernel: facts } }, observation)).ok).toBe(true);
  });
  test('what is otherwise is told', async () => {
    expect(await sentence({ kernel: { of: 'container:web', uid: 0 } }, observation)).toBe(
      'The kernel says of web: its user id is 101, not 0.',
    );
    expect((await check({ kernel: { of: 'container:web', namespaces: { net: { 'same-as': 'host' } } } }, observation)).ok).toBe(false);
    expect((await check({ kernel: { of: 'container:web', cgroup: { 'memory.max': '65M' } } }, observation)).ok).toBe(false);
    expect((await check({ kernel: { of: 'container:none', uid: 0 } }, observation)).ok).toBe(false);
  });
  test('nothing holds of a container that has ended', async () => {
    const stopped = withFiles(files, withContainers({ state: 'exited' }));
    expect((await check({ kernel: { of: 'container:web', uid: { not: 5 } } }, stopped)).ok).toBe(false);
  });
});

describe('a file of an overlay', () => {
  test('by its device number: 0:0 is what was deleted', async () => {
    const gone = { file: { in: 'guest', path: '/lab/upper/x', device: '0:0' } };
    expect((await check(gone, withFiles({ 'guest:/lab/upper/x': '' }))).ok).toBe(true);
    expect((await check({ file: { ...gone.file, device: '1:3' } }, withFiles({ 'guest:/lab/upper/x': '' }))).ok).toBe(false);
  });
});

describe('request while', () => {
  const seen = { request: { method: 'GET', path: '/events', while: { type: 'container', action: 'start', name: 'web' } } };
  const asked = requestFact(1, 'GET', '/events');
  const started = (sequence: number, name = 'web'): LogEntry => eventFact(sequence, 'start', { attributes: { name } });
  const closed = (sequence: number): LogEntry => ({ kind: 'request-closed', sequence, timeNano: '0', request: 1, by: 'client' });
  test('the answer is open, or was, when it happened', async () => {
    expect((await check(seen, withLog(asked, started(2)))).failing).toBeNull();
    expect((await check(seen, withLog(asked, started(2), closed(3)))).ok).toBe(true);
  });
  test.each([
    ['before it was asked for', [started(1), { ...asked, sequence: 2 }]],
    ['after it had ended', [asked, closed(2), started(3)]],
    ['to another one', [asked, started(2, 'db')]],
  ])('not %s', async (_, log) => {
    expect(await sentence(seen, withLog(...log))).toBe(
      'You asked the engine to tell what happens, but what was to be seen did not happen while the answer was open.',
    );
  });
});

test('how a request came is told in words', async () => {
  const wanted = { request: { method: 'GET', path: '/version', transport: 'unix' } };
  expect(await sentence(wanted, withLog(requestFact(1, 'GET', '/version')))).toBe(
    'You asked the engine to tell its version, but not over its socket.',
  );
});

describe('answer', () => {
  test('a number of objects, a file of the host, name spaces in common', async () => {
    const spaces = Object.fromEntries(
      ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'].flatMap((type, index) => [
        [`guest:/proc/1/ns/${type}`, `-> ${type}:[${index}]`],
        [`guest:/proc/42/ns/${type}`, `-> ${type}:[${type === 'time' || type === 'user' ? index : 100 + index}]`],
      ]),
    );
    const scene = withFiles(
      { 'guest:/proc/sys/kernel/osrelease': '6.1.0\n', ...spaces },
      withContainers({ pid: 42 }, { name: 'db', state: 'exited' }),
    );
    const given = (equals: unknown, answer: string): Promise<string> => sentence({ answer: { equals } }, { ...scene, answer });
    expect(await given({ number: 'containers' }, ' 2 ')).toBe('ok');
    expect(await given({ number: 'containers' }, '3')).toBe('3 is not the number of containers.');
    expect(await given({ guest: '/proc/sys/kernel/osrelease' }, '6.1.0')).toBe('ok');
    expect(await given({ guest: '/proc/sys/kernel/osrelease' }, '6.2.0')).toBe('6.2.0 is not what /proc/sys/kernel/osrelease says.');
    for (const answer of ['time user', 'User, time', 'user and time']) expect(await given({ shared: 'web' }, answer)).toBe('ok');
    for (const answer of ['time', 'time user net', 'usertime']) expect(await given({ shared: 'web' }, answer)).not.toBe('ok');
    expect(await given({ shared: 'db' }, 'time user')).toBe('There is no db that runs that the answer could be compared with.');
  });
  const prefix = { answer: { 'prefix-of': { container: 'web', field: 'id' } } };
  const given = (answer: string | null): Observation => ({ ...withContainers({}), answer });
  test('a prefix of an id', async () => {
    expect((await check(prefix, given(hex('web').slice(0, 4)))).ok).toBe(true);
    expect((await check(prefix, given(hex('web')))).ok).toBe(true);
    expect((await check({ answer: { 'prefix-of': { image: 'nginx', field: 'id' } } }, given(hex('nginx').slice(0, 12)))).ok).toBe(true);
  });
  test('a fact', async () => {
    expect((await check({ answer: { equals: { container: 'web', field: 'pid' } } }, given('321'))).ok).toBe(true);
    expect((await check({ answer: { equals: { container: 'web', field: 'pid' } } }, given('322'))).ok).toBe(false);
  });
  test('a fact of a network, and one value of a map of a container', async () => {
    const engine = snapshotFact({
      containers: [containerFact({ ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '32768' }] } })],
      networks: [
        { ...networkFact('lab'), IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '10.1.0.0/16', Gateway: '10.1.0.1' }] } },
      ],
    });
    const scene = (answer: string): Observation => ({ ...sceneFact({ engine }), answer });
    expect((await check({ answer: { equals: { network: 'lab', field: 'gateway' } } }, scene('10.1.0.1'))).ok).toBe(true);
    expect((await check({ network: { name: 'lab', subnet: '10.1.0.0/16', internal: false } }, scene(''))).ok).toBe(true);
    expect((await check({ answer: { equals: { container: 'web', field: 'ports.80/tcp' } } }, scene('32768'))).ok).toBe(true);
    expect(await sentence({ answer: { equals: { container: 'web', field: 'ports.80/tcp' } } }, scene('80'))).toBe(
      '80 is not the published port of 80/tcp of web.',
    );
  });
  test('why it is not right is told', async () => {
    expect(await sentence(prefix, given(null))).toBe('The question is not answered yet.');
    expect(await sentence(prefix, given(hex('web').slice(0, 3)))).toBe('That is too short to be sure: at least 4 characters are needed.');
    expect(await sentence(prefix, given('web'))).toContain('too short');
    expect(await sentence(prefix, given('zzzz'))).toBe('zzzz is not the beginning of the id of web.');
    expect(await sentence({ answer: { equals: { container: 'none', field: 'pid' } } }, given('1'))).toBe(
      'There is no none that the answer could be compared with.',
    );
  });
});

describe('combinators', () => {
  const yes = { container: { name: 'web' } };
  const no = { container: { name: 'none' } };
  const observation = withContainers({});
  test.each<[unknown, boolean]>([
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ any: [no, yes] }, true],
    [{ any: [no, no] }, false],
    [{ not: no }, true],
    [{ not: yes }, false],
    [{ not: { all: [yes, no] } }, true],
    [{ any: [{ not: yes }, { all: [yes, { not: no }] }] }, true],
  ])('%j', async (predicate, ok) => {
    expect((await check(predicate, observation)).ok).toBe(ok);
  });
  test('the first failing leaf is told, and every leaf with its path', async () => {
    const outcome = await check({ all: [yes, no, { not: yes }] }, observation);
    expect(outcome.leaves.map(({ path, ok }) => [path, ok])).toEqual([
      ['all.0.container', true],
      ['all.1.container', false],
      ['all.2.not.container', false],
    ]);
    expect(outcome.failing?.sentence).toBe('There is no container none.');
    expect(await sentence({ not: yes }, observation)).toBe('It should be: no container web.');
  });
});

describe('memory', () => {
  test('an edge leaf stays true, a level leaf does not', async () => {
    const memory = createMemory();
    const both = { all: [{ event: { type: 'container', action: 'die' } }, { container: { name: 'web' } }] };
    expect((await check(both, { ...withContainers({}), log: [eventFact(1, 'die')] }, memory)).ok).toBe(true);
    expect((await check(both, sceneFact(), memory)).leaves.map(({ ok }) => ok)).toEqual([true, false]);
  });
  test('a right answer stays right', async () => {
    const memory = createMemory();
    const asked = { answer: { equals: { container: 'web', field: 'name' } } };
    expect((await check(asked, { ...withContainers({}), answer: 'web' }, memory)).ok).toBe(true);
    expect((await check(asked, { ...withContainers({}), answer: 'other' }, memory)).ok).toBe(true);
  });
  test('a bounded count of events is not kept', async () => {
    const memory = createMemory();
    const atMost = { count: { event: { type: 'container', action: 'die' }, 'at-most': 1 } };
    expect((await check(atMost, withLog(eventFact(1, 'die', { id: 'a' })), memory)).ok).toBe(true);
    expect((await check(atMost, withLog(eventFact(1, 'die', { id: 'a' }), eventFact(2, 'die', { id: 'b' })), memory)).ok).toBe(false);
  });
  test('what must hold for a time says how long is left, and starts anew after a break', async () => {
    const memory = createMemory();
    const stable = { container: { name: 'web', state: 'running', for: '2s' } };
    const at = (now: number, sketch: Parameters<typeof containerFact>[0] = {}): Promise<Outcome> =>
      check(stable, { ...withContainers(sketch), now }, memory);
    const first = await at(1000);
    expect(first).toMatchObject({
      ok: false,
      wait: 2000,
      failing: { ok: false, sentence: 'There is a running container web; it has to stay so for 2 seconds more.' },
    });
    expect(first.leaves[0]?.ok).toBe(false);
    expect(await at(2500)).toMatchObject({ ok: false, wait: 500 });
    expect(await at(2600, { state: 'exited' })).toMatchObject({ ok: false, wait: null });
    expect(await at(2700)).toMatchObject({ ok: false, wait: 2000 });
    expect(await at(4700)).toMatchObject({ ok: true });
  });
  test('another run of the same container starts the time anew', async () => {
    const memory = createMemory();
    const stable = { container: { name: 'web', state: 'running', for: '2s' } };
    await check(stable, { ...withContainers({}), now: 0 }, memory);
    expect(await check(stable, { ...withContainers({ startedAt: '2026-01-01T05:00:00Z' }), now: 2000 }, memory)).toMatchObject({
      ok: false,
      wait: 2000,
    });
  });
  test('a whole predicate can have to hold for a time', async () => {
    const memory = createMemory();
    const none = { not: { container: { name: 'none' } }, for: '1s' };
    expect(await check(none, { ...withContainers({}), now: 0 }, memory)).toMatchObject({ ok: false, wait: 1000 });
    expect(await check(none, { ...withContainers({}), now: 1000 }, memory)).toMatchObject({ ok: true });
  });
  test('what is broken is told before what only takes time', async () => {
    const outcome = await check({ all: [{ container: { name: 'web', for: '2s' } }, { container: { name: 'none' } }] }, withContainers({}));
    expect(outcome.failing?.sentence).toBe('There is no container none.');
  });
});

test('only files and the kernel have to be asked again and again', () => {
  const polled = (predicate: unknown): boolean => needsPolling(schema().parse(predicate));
  expect(polled({ all: [{ container: { name: 'a' } }, { event: { type: 'image', action: 'pull' } }] })).toBe(false);
  expect(polled({ any: [{ not: { file: { in: 'guest', path: '/a' } } }] })).toBe(true);
  expect(polled({ container: { files: { '/a': {} } } })).toBe(true);
  expect(polled({ count: { container: { kernel: { uid: 0 } }, exactly: 1 } })).toBe(true);
});

test.each<[string, unknown, string]>([
  ['an object', { container: { name: 'web', attached: false } }, 'A container web without an attached terminal'],
  ['its absence', { not: { container: { name: 'web' } } }, 'No container web'],
  ['an event', { event: { type: 'container', action: 'die', exitCode: 0 } }, 'A container ended with exit code 0'],
  [
    'a request',
    { request: { method: 'POST', path: '/containers/create', status: 409 } },
    'You asked the engine to create a container, and it refused with 409',
  ],
  [
    'a request with what can be said in words',
    { request: { method: 'GET', path: '/containers/{web}/logs', query: { follow: false, stdout: true } } },
    'You asked the engine to give the logs of web',
  ],
  ['a prune', { event: { type: 'container', action: 'prune' } }, 'Containers were pruned'],
  ['a state that must not be', { count: { container: { state: { not: 'running' } }, exactly: 0 } }, 'No containers that are not running'],
  ['a file of a type', { container: { name: 'web', files: { '/tmp/x': { type: 'file' } } } }, 'A container web with a file /tmp/x'],
  [
    'a request that must not be',
    { not: { request: { method: 'GET', path: '/info' } } },
    'Not that you asked the engine to tell about itself',
  ],
  ['an answer', { answer: { 'prefix-of': { container: 'web', field: 'id' } } }, 'The answer is the beginning of the id of web'],
  ['a program', { exec: { argv: ['ps'] } }, 'ps was executed'],
])('%s is told as an item of a list', async (_, predicate, item) => {
  expect((await check(predicate, sceneFact())).leaves.map(({ expected }) => expected)).toEqual([item]);
});

test('of several ways the one that holds is told, else the one that is furthest; what must not be is told whole', async () => {
  const [web, db, cache] = ['web', 'db', 'cache'].map((name) => ({ container: { name } }));
  const told = async (predicate: unknown, names: readonly string[]): Promise<string[]> => {
    const engine = snapshotFact({ containers: names.map((name) => containerFact({ name })) });
    return (await check(predicate, sceneFact({ engine }))).leaves.map(({ expected, ok }) => `${expected}: ${ok}`);
  };
  const ways = { any: [web, { all: [db, cache] }] };
  expect(await told(ways, [])).toEqual(['A container web: false']);
  expect(await told(ways, ['web', 'db'])).toEqual(['A container web: true']);
  expect(await told(ways, ['db'])).toEqual(['A container db: true', 'A container cache: false']);
  expect(await told(ways, ['db', 'cache'])).toEqual(['A container db: true', 'A container cache: true']);
  expect(await told({ not: { any: [web, db] } }, ['db'])).toEqual(['No container db: false', 'No container web: true']);
});
