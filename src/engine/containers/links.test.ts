import { beforeEach, expect, test } from 'vitest';
import { restoreEngine } from '../snapshot/restore.ts';
import { snapshotEngine } from '../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { emptyEndpoint, execConfigSchema } from '../../protocol/engine-api.ts';
import { probe } from './health/probe.ts';
import { connectToNetwork, disconnectFromNetwork } from './verbs/connect.ts';
import { createCheckedExec } from './verbs/exec.ts';
import { removeByReference } from './verbs/remove.ts';
import { renameContainer } from './verbs/rename.ts';
import { startContainer } from './verbs/start.ts';
import { stopContainer } from './verbs/stop.ts';
import { inspectContainer } from './view/inspect.ts';
import { listContainers } from './view/list.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const create = (name: string, links: readonly string[] | null = null, more: object = {}, mode = '') =>
  engine.create({ Cmd: ['sleep'], ...more, HostConfig: { Links: links, NetworkMode: mode } }, name);
const start = (id: string) => startContainer(engine.context, id);
const linksOf = async (name: string) => (await inspectContainer(engine.context, name, { size: false })).HostConfig.Links;
const hostsOf = (id: string) => engine.machine.tree.get(`/run/drydock/containers/${id}/hosts`) ?? '';
const environmentOf = () => engine.machine.started.at(-1)?.process?.env ?? [];
const namesOf = async (id: string) => {
  const all = await listContainers(engine.context, { all: true, limit: -1, size: false, filters: {} });
  return all.find(({ Id }) => Id === id)?.Names;
};

/** As a real engine of 28.5 gives them. */
test('a link gives variables for each port, ranges of them, the name and the other’s own variables', async () => {
  const ports = ['53/udp', '54/udp', '55/udp', '90/tcp', '91/tcp', '10/sctp', '52/tcp'];
  const exposed = {
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    Env: ['A B=c d', 'PATH=/x', 'HOME=/h', 'E=', 'none'],
  };
  await start(create('la', null, exposed));
  await start(create('lb', ['la:my-d.b'], { Env: ['MY_D.B_NAME=mine'] }));
  const port = (number: number, protocol: string) => {
    const name = `MY_D.B_PORT_${number}_${protocol.toUpperCase()}`;
    return [`${name}=${protocol}://172.17.0.2:${number}`, `${name}_ADDR=172.17.0.2`, `${name}_PORT=${number}`, `${name}_PROTO=${protocol}`];
  };
  const range = (first: number, last: number, protocol: string) => {
    const name = `MY_D.B_PORT_${first}_${protocol.toUpperCase()}`;
    const url = `${protocol}://172.17.0.2`;
    return [`${name}_START=${url}:${first}`, `${name}_PORT_START=${first}`, `${name}_END=${url}:${last}`, `${name}_PORT_END=${last}`];
  };
  expect(environmentOf().filter((variable) => variable.startsWith('MY_'))).toEqual([
    'MY_D.B_PORT=tcp://172.17.0.2:52',
    ...port(52, 'tcp'),
    ...port(90, 'tcp'),
    ...port(91, 'tcp'),
    ...port(10, 'sctp'),
    ...range(90, 91, 'tcp'),
    ...port(53, 'udp'),
    ...port(54, 'udp'),
    ...port(55, 'udp'),
    ...range(53, 55, 'udp'),
    'MY_D.B_NAME=mine',
    'MY_D.B_ENV_A B=c d',
    'MY_D.B_ENV_E=',
  ]);
});

test('a link is in /etc/hosts with alias, host name and name, before the own line, and follows the other to its next address', async () => {
  const la = create('la', null, { Hostname: 'laho' });
  await start(la);
  const lb = create('lb', ['la:db', 'la']);
  await start(lb);
  expect(hostsOf(lb).split('\n').slice(6)).toEqual(['172.17.0.2\tdb laho la', '172.17.0.2\tla laho', `172.17.0.3\t${lb.slice(0, 12)}`, '']);
  await stopContainer(engine.context, la, {});
  await start(create('other'));
  await start(la);
  expect(hostsOf(lb)).toContain('172.17.0.4\tdb laho la\n172.17.0.4\tla laho\n');
});

test('only the address of a line follows the other, on to the default bridge and back, too', async () => {
  const lz = create('lz', null, { Hostname: 'lzho' });
  await start(lz);
  const lb = create('lb', ['lz:deep/db', 'lz:x']);
  await start(lb);
  expect(environmentOf()).toContain('DB_NAME=/lb/deep/db');
  await renameContainer(engine.context, 'lz', 'la');
  const bridge = async (verb: 'on' | 'off', container: string) => {
    if (verb === 'off') await disconnectFromNetwork(engine.context, 'bridge', { container, force: false });
    else await connectToNetwork(engine.context, 'bridge', { container, settings: emptyEndpoint });
  };
  await bridge('off', 'la');
  await start(create('taker'));
  await bridge('on', 'la');
  expect(hostsOf(lb)).toContain('172.17.0.4\tdb lzho lz\n172.17.0.4\tx lzho lz\n');
  for (const container of ['lb', 'la']) await bridge('off', container);
  for (const taker of ['second', 'third']) await start(create(taker));
  for (const container of ['la', 'lb']) await bridge('on', container);
  const address = (await inspectContainer(engine.context, 'la', { size: false })).NetworkSettings.IPAddress;
  expect(address).not.toBe('172.17.0.4');
  expect(hostsOf(lb)).toContain(`${address}\tdb lzho lz\n${address}\tx lzho lz\n`);
});

test('while the other does not run, or is not on the default bridge, no process is started beside and a health check fails', async () => {
  const la = create('la');
  await start(la);
  const lb = create('lb', ['la:db']);
  await start(lb);
  const exec = () => createCheckedExec(engine.context, 'lb', execConfigSchema.parse({ Cmd: ['sleep'] }));
  await exec();
  await disconnectFromNetwork(engine.context, 'bridge', { container: 'la', force: false });
  await expect(exec()).rejects.toMatchObject({ kind: 'internal', message: `container ${la} not attached to default bridge network` });
  await stopContainer(engine.context, la, {});
  const refusal = 'Cannot link to a non running container: /la AS /lb/db';
  await expect(exec()).rejects.toMatchObject({ kind: 'internal', message: refusal });
  const check = { command: ['sleep'], interval: 1000, timeout: 1000, startPeriod: 0, startInterval: 0, retries: 3 };
  expect(await probe(engine.context, engine.context.store.find('lb'), check, new AbortController().signal)).toMatchObject({
    exitCode: -1,
    output: refusal,
  });
  await disconnectFromNetwork(engine.context, 'bridge', { container: 'lb', force: false });
  await exec();
});

test('a list has the names of a container sorted, and filters by its own alone', async () => {
  const lz = create('lz');
  create('lb', ['lz:db']);
  expect(await namesOf(lz)).toEqual(['/lb/db', '/lz']);
  const named = (name: string) => listContainers(engine.context, { all: true, limit: -1, size: false, filters: { name: [name] } });
  expect(await named('db')).toEqual([]);
  expect((await named('lz')).map(({ Id }) => Id)).toEqual([lz]);
});

test('a link that is removed leaves the other lines of /etc/hosts', async () => {
  await start(create('la'));
  const lb = create('lb', ['la:db', 'la:x']);
  await start(lb);
  await removeByReference(engine.context, 'lb/db', { force: false, volumes: false, link: true });
  expect(hostsOf(lb)).not.toContain('\tdb ');
  expect(hostsOf(lb)).toContain('172.17.0.2\tx ');
});

test('inspect, list and every verb know the names that links give, through renames and restores, until they are removed', async () => {
  const la = create('la');
  const lb = create('lb', ['la:db']);
  expect(await linksOf('lb')).toEqual(['/la:/lb/db']);
  expect(await linksOf('la')).toBeNull();
  expect(await namesOf(la)).toEqual(['/la', '/lb/db']);
  expect((await inspectContainer(engine.context, 'lb/db', { size: false })).Name).toBe('/la');
  await renameContainer(engine.context, 'lb', 'lc');
  await renameContainer(engine.context, 'la', 'la2');
  expect(await linksOf('lc')).toEqual(['/la2:/lc/db']);
  expect(await namesOf(la)).toEqual(['/la2', '/lc/db']);
  const parts = { context: engine.context, log: engine.log };
  restoreEngine(parts, JSON.parse(JSON.stringify(snapshotEngine(parts))));
  expect(await linksOf(lb)).toEqual(['/la2:/lc/db']);
  expect(await namesOf(la)).toEqual(['/la2', '/lc/db']);
  await removeByReference(engine.context, 'lc/db', { force: false, volumes: false, link: true });
  expect([await linksOf('lc'), await namesOf(la)]).toEqual([null, ['/la2']]);
  await expect(removeByReference(engine.context, 'lc/db', { force: false, volumes: false, link: true })).rejects.toThrow(
    'No such container: lc/db',
  );
  await expect(removeByReference(engine.context, 'la2', { force: false, volumes: false, link: true })).rejects.toThrow(
    'Conflict, cannot remove the default link name of the container',
  );
});

test('a link outlives the other, and keeps a start from what is gone or does not run', async () => {
  create('la');
  const lb = create('lb', ['la:db']);
  const refusal = 'Cannot link to a non running container: /la AS /lb/db';
  await expect(start(lb)).rejects.toMatchObject({ kind: 'internal', message: refusal });
  await removeByReference(engine.context, 'la', { force: true, volumes: false, link: false });
  expect(await linksOf('lb')).toEqual(['/la:/lb/db']);
  await expect(start(lb)).rejects.toThrow(refusal);
  // Its names are free again.
  create('la');
  await removeByReference(engine.context, 'lb', { force: true, volumes: false, link: false });
  create('lb', ['la:db']);
});

test('what cannot be linked is refused as by a real engine, and the name stays free', async () => {
  create('hosts', null, {}, 'host');
  const refused: [string[], string, string, string][] = [
    [['nosuch'], '', 'invalid', 'could not get container for nosuch: No such container: nosuch'],
    [[':x'], '', 'internal', 'could not get container for : invalid name or ID supplied: ""'],
    [[''], '', 'internal', 'empty string specified for links'],
    [['a:b:c'], '', 'internal', 'bad format for links: a:b:c'],
    [
      ['hosts'],
      '',
      'invalid',
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    ],
    [
      ['hosts'],
      'host',
      'invalid',
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
    ],
    [
      ['hosts'],
      'container:hosts',
      'invalid',
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
    ],
  ];
  for (const [links, mode, kind, message] of refused) {
    let thrown: unknown;
    try {
      create('tried', links, {}, mode);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, message).toMatchObject({ kind, message });
  }
  create('tried');
});
