import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { connectToNetwork, disconnectFromNetwork } from '../containers/verbs/connect.ts';
import { inspectContainer } from '../containers/view/inspect.ts';
import { killContainer } from '../containers/verbs/kill.ts';
import { removeByReference } from '../containers/verbs/remove.ts';
import { restartContainer } from '../containers/verbs/restart.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { waitForContainer } from '../containers/verbs/wait.ts';
import { listContainers } from '../containers/view/list.ts';
import { createNetworkSchema, emptyEndpoint } from '../../protocol/engine-api.ts';
import { createNetwork } from '../networks/create.ts';
import { restoreEngine } from '../snapshot/restore.ts';
import { snapshotEngine } from '../snapshot/save.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import type { PortPublisher } from './published-port.ts';

/** A machine that the guest runs on, with some ports of somebody else. */
class Outside implements PortPublisher {
  readonly open: PortPublisher['open'];
  readonly ports = new Set<string>();
  readonly refused = new Map<number, AppError>();

  constructor() {
    this.open = ({ protocol, address, outside }) => {
      const why = this.refused.get(outside);
      if (why !== undefined) return Promise.reject(why);
      const name = `${address}:${outside}/${protocol}`;
      this.ports.add(name);
      return Promise.resolve(() => {
        this.ports.delete(name);
        return Promise.resolve();
      });
    };
  }
}

let outside: Outside;
let engine: TestEngine;
let untouched: string[];
beforeEach(async () => {
  outside = new Outside();
  engine = createTestEngine({ publisher: outside });
  for (const network of engine.context.networks.store.all()) await engine.context.networks.bridges.ensure(network);
  untouched = rules();
});

const rules = (): string[] => [
  ...engine.machine.iptables('nat'),
  ...engine.machine.iptables('filter'),
  ...engine.machine.iptables('raw').slice(1),
];
const dnat = (): string[] =>
  engine.machine.iptables('nat').flatMap((rule) => (rule.includes('DNAT') ? [rule.replace(/^.*--dport /, '')] : []));
const bound = (port: string, place: string): Readonly<Record<string, unknown>> => ({
  PortBindings: { [port]: [{ HostIp: '', HostPort: place }] },
});
async function run(hostConfig: Readonly<Record<string, unknown>>, name = 'web'): Promise<string> {
  const id = engine.create({ Cmd: ['sleep'], HostConfig: hostConfig }, name);
  await startContainer(engine.context, id);
  return id;
}
const portsOf = async (name: string) => (await inspectContainer(engine.context, name, { size: false })).NetworkSettings.Ports;

describe('a published port', () => {
  it('is there from the start to the end of a run, in the guest and outside, whoever ends it', async () => {
    await run(bound('80/tcp', '8080'));
    expect(dnat()).toEqual(['8080 -j DNAT --to-destination 172.17.0.2:80']);
    expect([...outside.ports]).toEqual(['0.0.0.0:8080/tcp']);
    await restartContainer(engine.context, 'web', { timeout: 0 });
    expect([dnat().length, outside.ports.size]).toEqual([1, 1]);
    await killContainer(engine.context, 'web', 'KILL');
    await waitForContainer(engine.context, 'web', 'not-running', new AbortController().signal).exit;
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
    expect(await portsOf('web')).toEqual({});
    await startContainer(engine.context, 'web');
    await removeByReference(engine.context, 'web', { force: true, volumes: false, link: false });
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
  });

  it.each([
    ['exhausted', 'address already in use'],
    ['forbidden', 'permission denied'],
  ] as const)('that the machine does not give (%s) fails the start in Docker’s words and leaves nothing', async (kind, why) => {
    outside.refused.set(81, new AppError(kind, why));
    const id = engine.create(
      {
        Cmd: ['sleep'],
        HostConfig: { PortBindings: { '7/tcp': [{ HostIp: '', HostPort: '80' }], '8/tcp': [{ HostIp: '', HostPort: '81' }] } },
      },
      'web',
    );
    await expect(startContainer(engine.context, id)).rejects.toThrow(
      new RegExp(
        `^failed to set up container networking: driver failed programming external connectivity on endpoint web \\([0-9a-f]{64}\\): failed to bind host port for 0\\.0\\.0\\.0:81:172\\.17\\.0\\.2:8/tcp: ${why}$`,
      ),
    );
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
    outside.refused.clear();
    await startContainer(engine.context, id);
    expect([...outside.ports]).toEqual(['0.0.0.0:80/tcp', '0.0.0.0:81/tcp']);
  });

  it('of nobody’s choice is the next one that the machine has free', async () => {
    outside.refused.set(32768, new AppError('exhausted', 'address already in use'));
    await run({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '' }] } });
    expect(await portsOf('web')).toEqual({ '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '32769' }] });
    for (let port = 32770; port < 32790; port += 1) outside.refused.set(port, new AppError('exhausted', 'address already in use'));
    await expect(run(bound('80/tcp', ''), 'other')).rejects.toThrow('0.0.0.0:32779:172.17.0.3:80/tcp: address already in use');
  });

  it('is free for the next one when the start fails for another reason', async () => {
    engine.create({ Cmd: ['nothing'], HostConfig: bound('80/tcp', '8080') }, 'web');
    await expect(startContainer(engine.context, 'web')).rejects.toThrow('executable file not found');
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
    await run(bound('80/tcp', '8080'), 'other');
  });

  it('whose chain somebody took away fails the start as iptables does', async () => {
    engine.machine.dropChain('nat', 'DOCKER');
    await expect(run(bound('80/tcp', '8080'))).rejects.toThrow(
      'Unable to enable DNAT rule:  (iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 8080 -j DNAT --to-destination 172.17.0.2:80: iptables: No chain/target/match by that name.\n (exit status 1))',
    );
    expect(outside.ports.size).toBe(0);
  });

  it('leads to the network of the default route, also when that changes', async () => {
    await createNetwork({ ...engine.context.networks, clock: engine.context.clock }, createNetworkSchema.parse({ Name: 'aside' }));
    await run({ NetworkMode: 'aside', ...bound('80/tcp', '8080') });
    expect(dnat()).toEqual(['8080 -j DNAT --to-destination 172.18.0.2:80']);
    expect(engine.machine.started[0]?.endpoints?.[0]).toMatchObject({ hairpin: 1 });
    await connectToNetwork(engine.context, 'bridge', { container: 'web', settings: { ...emptyEndpoint, GwPriority: 1 } });
    expect(dnat()).toEqual(['8080 -j DNAT --to-destination 172.17.0.2:80']);
    await disconnectFromNetwork(engine.context, 'bridge', { container: 'web', force: false });
    expect(dnat()).toEqual(['8080 -j DNAT --to-destination 172.18.0.2:80']);
    await disconnectFromNetwork(engine.context, 'aside', { container: 'web', force: false });
    expect([dnat().length, outside.ports.size]).toEqual([0, 0]);
    expect(await portsOf('web')).toEqual({});
  });

  it('of UDP leads every flow anew when it is published and when it is given up', async () => {
    await run({ PortBindings: { '53/udp': [{ HostIp: '', HostPort: '5353' }], '80/tcp': [{ HostIp: '', HostPort: '8080' }] } });
    expect(engine.machine.firewall.forgotten).toEqual(['ip 5353']);
    await removeByReference(engine.context, 'web', { force: true, volumes: false, link: false });
    expect(engine.machine.firewall.forgotten).toEqual(['ip 5353', 'ip 5353']);
    await run(bound('80/tcp', '8080'), 'tcp');
    expect(engine.machine.firewall.forgotten).toHaveLength(2);
  });

  it('that the machine does not give after a restore is told of in the log, in Docker’s words, and the others are there', async () => {
    const id = await run({ PortBindings: { '7/tcp': [{ HostIp: '', HostPort: '80' }], '8/tcp': [{ HostIp: '', HostPort: '81' }] } });
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine({ context: engine.context, log: engine.log })));
    outside.refused.set(81, new AppError('exhausted', 'address already in use'));
    outside.ports.clear();
    restoreEngine({ context: engine.context, log: engine.log }, saved);
    await expect
      .poll(() => engine.log.since(0).filter(({ kind }) => kind === 'trouble'))
      .toMatchObject([
        { container: id, message: 'failed to bind host port for 0.0.0.0:81:172.17.0.2:8/tcp: address already in use', over: false },
      ]);
    expect([...outside.ports]).toEqual(['0.0.0.0:80/tcp']);
  });

  it('is one of thousands, or none of them is: conflicts name the first that is taken', async () => {
    const bindings = (first: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`${first + at}/tcp`, [{ HostIp: '', HostPort: String(first + at) }]]));
    await run({ PortBindings: bindings(8000, 2000) });
    expect([outside.ports.size, dnat().length]).toEqual([2000, 2000]);
    expect(Object.keys(await portsOf('web'))).toHaveLength(2000);
    const held = rules().length;
    await expect(run({ PortBindings: bindings(9900, 2000) }, 'late')).rejects.toThrow(
      'Bind for 0.0.0.0:9900 failed: port is already allocated',
    );
    await expect(run({ PortBindings: bindings(7000, 2000) }, 'later')).rejects.toThrow(
      'Bind for 0.0.0.0:8000 failed: port is already allocated',
    );
    expect([outside.ports.size, rules().length]).toEqual([2000, held]);
    await removeByReference(engine.context, 'web', { force: true, volumes: false, link: false });
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
  });

  it('is found by the filter publish', async () => {
    await run({ PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } });
    await run({}, 'other');
    const named = async (publish: string) =>
      (await listContainers(engine.context, { all: false, limit: 0, size: false, filters: { publish: [publish] } })).map(
        ({ Names }) => Names[0],
      );
    expect(await named('80')).toEqual(['/web']);
    expect(await named('80/udp')).toEqual([]);
  });

  it('outlives a checkpoint: it is taken, outside too, and goes with its container', async () => {
    const id = await run(bound('80/tcp', '8080'));
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine({ context: engine.context, log: engine.log })));
    restoreEngine({ context: engine.context, log: engine.log }, saved);
    await expect.poll(() => [...outside.ports]).toEqual(['0.0.0.0:8080/tcp']);
    expect(await portsOf(id)).toEqual({ '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }] });
    await expect(run(bound('80/tcp', '8080'), 'other')).rejects.toThrow('Bind for 0.0.0.0:8080 failed: port is already allocated');
    await killContainer(engine.context, id, 'KILL');
    await waitForContainer(engine.context, id, 'not-running', new AbortController().signal).exit;
    expect(rules()).toEqual(untouched);
    expect(outside.ports.size).toBe(0);
  });
});
