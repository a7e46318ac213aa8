import { beforeEach, describe, expect, it } from 'vitest';
import { createNetworkSchema, emptyEndpoint } from '../../protocol/engine-api.ts';
import { AppError } from '../../base/errors.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { connectToNetwork, disconnectFromNetwork } from '../containers/verbs/connect.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { removeByReference } from '../containers/verbs/remove.ts';
import { inspectContainer } from '../containers/view/inspect.ts';
import { restoreEngine } from '../snapshot/restore.ts';
import { snapshotEngine } from '../snapshot/save.ts';
import { createNetwork } from './create.ts';
import { inspectNetwork, listNetworks } from './list.ts';
import { pruneNetworks, removeNetwork } from './remove.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const context = () => ({ ...engine.context.networks, clock: engine.clock });
const nameOf = (id: string): string => engine.context.store.nameOf(id);
const create = (Name: string, Driver: string, Options: Record<string, string> = {}, more: object = {}): Promise<string> =>
  createNetwork(context(), createNetworkSchema.parse({ Name, Driver, Options, ...more }));
const remove = (name: string) => removeNetwork(context(), name, nameOf);
const inspect = (name: string) => inspectNetwork(engine.context.networks.store, name, nameOf);
const discard = (name: string) => removeByReference(engine.context, name, { force: true, volumes: false, link: false });
/** Interfaces that the engine made in the guest. */
const made = () => [...engine.machine.bridges].filter(([name]) => name !== 'docker0').map(([, spec]) => spec);
const names = () => made().map(({ bridge }) => bridge);

async function run(name: string, network: string, endpoint: object = {}, host: object = {}) {
  const NetworkingConfig = { EndpointsConfig: { [network]: endpoint } };
  const id = engine.create(
    { Cmd: ['sleep'], ExposedPorts: { '80/tcp': {} }, HostConfig: { NetworkMode: network, ...host }, NetworkingConfig },
    name,
  );
  await startContainer(engine.context, id);
  const { NetworkSettings: settings } = await inspectContainer(engine.context, id, { size: false });
  return { settings, place: settings.Networks[network], endpoint: engine.machine.started.at(-1)?.endpoints?.[0] };
}

describe('a network of macvlan or ipvlan', () => {
  it.each([
    ['macvlan', 'dm-'],
    ['ipvlan', 'di-'],
  ])('without a parent: %s stands upon a dummy, leads nowhere, and takes the dummy away with it', async (driver, prefix) => {
    const id = await create('net', driver);
    expect(made()).toEqual([{ bridge: `${prefix}${id.slice(0, 12)}`, kind: 1 }]);
    expect(inspect('net')).toMatchObject({ Driver: driver, Internal: false, IPAM: { Config: [{ Subnet: '172.18.0.0/16' }] }, Options: {} });
    expect(inspect('net').IPAM.Config).toEqual([{ Subnet: '172.18.0.0/16' }]);
    // As Docker: there is no gateway, so that the first address is a container's.
    const { place, endpoint } = await run('web', 'net');
    expect(place).toMatchObject({ IPAddress: '172.18.0.1', IPPrefixLen: 16, Gateway: '' });
    expect(endpoint).toMatchObject({ bridge: `${prefix}${id.slice(0, 12)}`, kind: driver === 'macvlan' ? 1 : 2, gateway: '' });
    await expect(remove('net')).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('has active endpoints (name:"web"'),
    });
    await discard('web');
    await remove('net');
    expect(made()).toEqual([]);
  });

  it('upon an interface that is there lets it be, and tells the kernel the mode', async () => {
    for (const [mode, number] of Object.entries({ bridge: 4, private: 1, vepa: 2, passthru: 8, '': 4 })) {
      await create('net', 'macvlan', { parent: 'eth0', macvlan_mode: mode, 'com.docker.network.driver.mtu': 'bad' });
      const { place, endpoint } = await run(`web-${mode}`, 'net');
      expect(endpoint).toMatchObject({ bridge: 'eth0', kind: 1, mode: number, flags: 0, gateway: '172.18.0.1', mac: place?.MacAddress });
      expect(place).toMatchObject({ IPAddress: '172.18.0.2', Gateway: '172.18.0.1' });
      expect(inspect('net').Options).toMatchObject({ macvlan_mode: mode, parent: 'eth0' });
      await discard(`web-${mode}`);
      await remove('net');
    }
    expect(made()).toEqual([]);
    expect(engine.machine.tree.has('/sys/class/net/eth0')).toBe(true);
  });

  it('ipvlan has the MAC address of its parent and takes no other; in modes l3 and l3s the default route has no gateway', async () => {
    await create('net', 'ipvlan', { parent: 'eth0', ipvlan_mode: 'l3s', ipvlan_flag: 'private' }, { EnableIPv6: true });
    expect(inspect('net').IPAM.Config).toEqual([{ Subnet: '172.18.0.0/16' }, { Subnet: expect.stringMatching(/^fd.*\/64$/) }]);
    const { place, endpoint, settings } = await run('web', 'net', {}, { PortBindings: { '80/tcp': [{ HostPort: '8080' }] } });
    expect(endpoint).toMatchObject({ kind: 2, mode: 2, flags: 1, mac: '', gateway: '0.0.0.0', gateway6: '::' });
    expect(place).toMatchObject({ MacAddress: '', Gateway: '', IPv6Gateway: '', IPAddress: '172.18.0.1' });
    // Docker publishes nothing there, and says nothing.
    expect(settings.Ports).toEqual({});
    await expect(run('odd', 'net', { MacAddress: '02:42:00:00:00:99' })).rejects.toMatchObject({
      kind: 'internal',
      message:
        'failed to set up container networking: failed to create endpoint odd on network net: ipvlan interfaces do not support custom mac address assignment',
    });
  });

  it('a VLAN is made upon its parent once, and goes with the last network of its driver', async () => {
    await create('one', 'macvlan', { parent: 'eth0.10' });
    await create('two', 'macvlan', { parent: 'eth0.10' });
    await create('three', 'ipvlan', { parent: 'eth0.+11' });
    expect(made()).toEqual([
      { bridge: 'eth0.10', kind: 2, parent: 'eth0', vlan: 10 },
      { bridge: 'eth0.+11', kind: 2, parent: 'eth0', vlan: 11 },
    ]);
    await remove('one');
    expect(names()).toEqual(['eth0.10', 'eth0.+11']);
    await remove('two');
    await pruneNetworks(context(), {});
    expect(made()).toEqual([]);
    expect(engine.events().slice(-3)).toEqual(['network destroy', 'network destroy', 'network prune']);
  });

  it('has several subnets, or none at all', async () => {
    const Config = ['10.1.0.0/30', '10.2.0.0/24', 'fd01::/64', 'fd02::/64'].map((Subnet) => ({ Subnet }));
    await create('many', 'macvlan', { parent: 'eth0' }, { EnableIPv6: true, IPAM: { Config } });
    expect(inspect('many').IPAM.Config).toEqual(Config);
    expect((await run('web', 'many')).place).toMatchObject({ IPAddress: '10.1.0.2', Gateway: '10.1.0.1', IPv6Gateway: 'fd01::1' });
    expect((await run('db', 'many')).place).toMatchObject({ IPAddress: '10.2.0.2', Gateway: '10.2.0.1', GlobalIPv6Address: 'fd01::3' });
    await create('bare', 'ipvlan', { parent: 'eth0.4' }, { EnableIPv4: false });
    expect(inspect('bare')).toMatchObject({ EnableIPv4: false, EnableIPv6: false, IPAM: { Config: null } });
    expect((await run('bare', 'bare')).place).toMatchObject({ IPAddress: '', GlobalIPv6Address: '', Gateway: '' });
  });

  it('joined and left by a container that runs moves its default route, out of an interface where there is no gateway', async () => {
    await create('l3', 'ipvlan', { parent: 'eth0', ipvlan_mode: 'l3' });
    await run('web', 'l3');
    const gateway = () => engine.machine.containers.get(engine.context.store.find('web').id)?.gateway;
    expect(gateway()).toBe('0.0.0.0');
    await connectToNetwork(engine.context, 'bridge', { container: 'web', settings: emptyEndpoint });
    expect(gateway()).toBe('172.17.0.1');
    await disconnectFromNetwork(engine.context, 'bridge', { container: 'web', force: false });
    expect(gateway()).toBe('0.0.0.0');
    await disconnectFromNetwork(engine.context, 'l3', { container: 'web', force: false });
    expect((await listNetworks(engine.context.networks.store, { driver: ['ipvlan'] })).map(({ Name }) => Name)).toEqual(['l3']);
    expect((await listNetworks(engine.context.networks.store, { type: ['custom'] })).map(({ Name }) => Name)).toEqual(['l3']);
  });

  it('whose interface cannot be made is not there', async () => {
    engine.machine.failures.set('createBridge', new AppError('internal', 'failed to create eth0.10 vlan link: operation not supported'));
    await expect(create('net', 'macvlan', { parent: 'eth0.10' })).rejects.toThrow('failed to create eth0.10 vlan link');
    expect(engine.context.networks.store.byName('net')).toBeNull();
    await create('net', 'macvlan', { parent: 'eth0.10' });
    await remove('net');
    expect(made()).toEqual([]);
  });

  it('is saved with what was made for it', async () => {
    await create('net', 'macvlan', { parent: 'eth0.10' });
    const before = inspect('net');
    const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine({ context: engine.context, log: engine.log })));
    const other = createTestEngine();
    restoreEngine({ context: other.context, log: other.log }, saved);
    expect(inspectNetwork(other.context.networks.store, 'net', nameOf)).toEqual(before);
    expect(other.context.networks.parents.made()).toEqual([{ driver: 'macvlan', interfaceName: 'eth0.10' }]);
  });
});

/** What a real Docker 28.5.2 said to the same, with an interface par0 in place of eth0. */
describe('what macvlan and ipvlan refuse', () => {
  const digits = '99999999999999999999';
  it.each([
    ['nope', 'invalid subinterface vlan name nope, example formatting is eth0.10'],
    ['a b', 'invalid subinterface vlan name a b, example formatting is eth0.10'],
    ['averyveryverylongname', 'invalid subinterface vlan name averyveryverylongname, example formatting is eth0.10'],
    ['nope0.10', '-o parent interface was not found on the host: nope0'],
    ['averyveryverylongname.10', '-o parent interface was not found on the host: averyveryverylongname'],
    ['.10', '-o parent interface was not found on the host: '],
    ['a.b.c', 'required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received a.b.c'],
    ['../x', 'required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received ../x'],
    ['eth0.x', 'unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)'],
    ['eth0.', 'unable to parse a valid vlan id from:  (ex. eth0.10 for vlan 10)'],
    ['eth0.5x', 'unable to parse a valid vlan id from: 5x (ex. eth0.10 for vlan 10)'],
    [`eth0.${digits}`, `unable to parse a valid vlan id from: ${digits} (ex. eth0.10 for vlan 10)`],
    ['eth0.0', 'vlan id must be between 1-4094, received: 0'],
    ['eth0.-1', 'vlan id must be between 1-4094, received: -1'],
    ['eth0.4095', 'vlan id must be between 1-4094, received: 4095'],
    ['eth0\0', 'invalid subinterface vlan name eth0\0, example formatting is eth0.10'],
  ])('a parent %j: %s', async (parent, message) => {
    for (const driver of ['macvlan', 'ipvlan']) {
      await expect(create('net', driver, { parent })).rejects.toMatchObject({ kind: 'internal', message });
      expect(engine.context.networks.store.byName('net')).toBeNull();
    }
    expect(made()).toEqual([]);
  });

  it.each([
    ['macvlan', { macvlan_mode: 'BRIDGE' }, "requested macvlan mode 'BRIDGE' is not valid, 'bridge' mode is the macvlan driver default"],
    ['macvlan', { parent: 'lo' }, 'loopback interface is not a valid macvlan parent link'],
    ['ipvlan', { ipvlan_mode: 'passthru' }, "requested ipvlan mode 'passthru' is not valid, 'l2' mode is the ipvlan driver default"],
    ['ipvlan', { ipvlan_mode: 'toString' }, "requested ipvlan mode 'toString' is not valid, 'l2' mode is the ipvlan driver default"],
    ['ipvlan', { ipvlan_flag: 'bad' }, "requested ipvlan flag 'bad' is not valid, 'bridge' is the ipvlan driver default"],
    ['ipvlan', { parent: 'lo' }, 'loopback interface is not a valid ipvlan parent link'],
  ])('%s with %j', async (driver, options, message) => {
    await expect(create('net', driver, options)).rejects.toMatchObject({ kind: 'internal', message });
  });

  it('a parent that another network has to itself', async () => {
    const first = await create('one', 'ipvlan', { parent: 'eth0' });
    await expect(create('two', 'ipvlan', { parent: 'eth0' })).rejects.toThrow(
      `network di-${first.slice(0, 12)} is already using parent interface eth0`,
    );
    const second = await create('three', 'macvlan', { parent: 'eth0' });
    await expect(create('four', 'macvlan', { parent: 'eth0', macvlan_mode: 'passthru' })).rejects.toThrow(
      `cannot use mode passthru, macvlan network ${second} is already using parent interface eth0`,
    );
    await create('five', 'macvlan', { parent: 'eth0' });
    for (const name of ['three', 'five']) await remove(name);
    const third = await create('six', 'macvlan', { parent: 'eth0', macvlan_mode: 'passthru' });
    await expect(create('seven', 'macvlan', { parent: 'eth0' })).rejects.toThrow(
      `macvlan network ${third} is already using parent interface eth0 in mode passthru`,
    );
  });
});
