import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../base/errors.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { formatAddress, lowestFree, macOf, parseAddress, parseSubnet } from './address.ts';
import { returnLease, takeLease } from './lease.ts';
import { inspectNetwork, listNetworks } from './list.ts';

describe('addresses', () => {
  it('read, count and write', () => {
    expect(formatAddress(parseAddress('172.17.255.254') + 1n, 32)).toBe('172.17.255.255');
    expect(parseSubnet('10.1.2.3/24')).toEqual({ bits: 32, base: parseAddress('10.1.2.0'), prefix: 24 });
    expect(macOf(parseAddress('172.17.0.2'))).toBe('02:42:ac:11:00:02');
  });

  it('are given out lowest first, without network and broadcast', () => {
    const subnet = parseSubnet('10.0.0.0/30');
    expect(formatAddress(lowestFree(subnet, new Set()) ?? 0n, 32)).toBe('10.0.0.1');
    expect(formatAddress(lowestFree(subnet, new Set([parseAddress('10.0.0.1')])) ?? 0n, 32)).toBe('10.0.0.2');
    const full = new Set(['10.0.0.1', '10.0.0.2'].map(parseAddress));
    expect(lowestFree(subnet, full)).toBeNull();
  });
});

describe('networks', () => {
  let engine: TestEngine;
  beforeEach(() => {
    engine = createTestEngine();
  });
  const inspect = (reference: string) => inspectNetwork(engine.context.networks.store, reference, (id) => engine.context.store.nameOf(id));
  const bridge = () => engine.context.networks.store.find('bridge');
  const connect = (id: string, mac = '') =>
    takeLease(engine.context.networks, bridge(), { container: id, address: '', address6: '', mac, interfaceName: 'eth0' });

  it('are bridge, host and none at first', async () => {
    expect((await listNetworks(engine.context.networks.store, {})).map(({ Name, Driver, Scope }) => [Name, Driver, Scope])).toEqual([
      ['bridge', 'bridge', 'local'],
      ['host', 'host', 'local'],
      ['none', 'null', 'local'],
    ]);
    expect(inspect('bridge').IPAM.Config).toEqual([{ Subnet: '172.17.0.0/16', Gateway: '172.17.0.1' }]);
  });

  it('list who is on them, by name', async () => {
    const id = engine.create({ Cmd: ['sleep'] }, 'web');
    await startContainer(engine.context, id);
    expect(inspect(bridge().id.slice(0, 10)).Containers).toMatchObject({
      [id]: { Name: 'web', IPv4Address: '172.17.0.2/16', MacAddress: '02:42:ac:11:00:02' },
    });
    expect((await listNetworks(engine.context.networks.store, { name: ['bridge'] }))[0]?.Containers).toEqual({});
  });

  it('reuse an address that came back', async () => {
    await connect('a');
    await connect('b');
    returnLease(engine.context.networks, bridge(), 'a');
    expect((await connect('c')).link?.address).toBe('172.17.0.2');
    expect((await connect('d', '02:00:00:00:00:AA')).link).toMatchObject({ address: '172.17.0.4', mac: '02:00:00:00:00:aa' });
    expect(engine.events()).toEqual(['network disconnect']);
  });

  it('make their bridge once, and again after a failure', async () => {
    engine.machine.failures.set('createBridge', new AppError('internal', 'no memory'));
    await expect(connect('a')).rejects.toThrow('no memory');
    await Promise.all([connect('a'), connect('b')]);
    expect([...engine.machine.bridges.keys()]).toEqual(['docker0']);
  });

  it.each([
    [{ driver: ['host'] }, ['host']],
    [{ name: ['o'] }, ['host', 'none']],
    [{ name: ['^(br|ho)'] }, ['bridge', 'host']],
    [{ name: ['(?i)BRIDGE'] }, ['bridge']],
    [{ name: ['('] }, []],
    [{ type: ['custom'] }, []],
    [{ type: ['builtin'], driver: ['null'] }, ['none']],
    [{ label: ['x'] }, []],
    [{ label: ['constructor'] }, []],
  ])('filter by %j', async (filters, names) => {
    expect((await listNetworks(engine.context.networks.store, filters)).map(({ Name }) => Name)).toEqual(names);
  });

  it('are not found under a wrong name', () => {
    expect(() => inspect('lan')).toThrow(expect.objectContaining({ kind: 'not_found', message: 'network lan not found' }));
  });
});
