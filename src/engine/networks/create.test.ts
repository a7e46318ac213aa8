import { beforeEach, describe, expect, it } from 'vitest';
import { createNetworkSchema } from '../../protocol/engine-api.ts';
import { createTestEngine, type TestEngine } from '../testing/engine.ts';
import { startContainer } from '../containers/verbs/start.ts';
import { stopContainer } from '../containers/verbs/stop.ts';
import { inspectContainer } from '../containers/view/inspect.ts';
import { restoreEngine } from '../snapshot/restore.ts';
import { snapshotEngine } from '../snapshot/save.ts';
import { AppError } from '../../base/errors.ts';
import { createNetwork } from './create.ts';
import { inspectNetwork } from './list.ts';
import { pruneNetworks, removeNetwork } from './remove.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const context = () => ({ ...engine.context.networks, clock: engine.clock });
const nameOf = (id: string): string => engine.context.store.nameOf(id);
const create = (body: object): Promise<string> => createNetwork(context(), createNetworkSchema.parse(body));
const inspect = (name: string) => inspectNetwork(engine.context.networks.store, name, nameOf);
const withSubnet = (Name: string, config: object): object => ({ Name, IPAM: { Config: [config] } });

async function run(body: object, name: string) {
  const id = engine.create({ Cmd: ['sleep'], ...body }, name);
  await startContainer(engine.context, id);
  return inspectContainer(engine.context, id, { size: false });
}

describe('a network of the user’s', () => {
  it('has the next of the default pools, a bridge named after its ID, and is gone with it', async () => {
    const id = await create({ Name: 'one' });
    await create({ Name: 'two' });
    expect(inspect('one').IPAM).toEqual({ Driver: 'default', Options: null, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] });
    expect(inspect('two').IPAM.Config).toEqual([{ Subnet: '172.19.0.0/16', Gateway: '172.19.0.1' }]);
    expect(engine.machine.bridges.get(`br-${id.slice(0, 12)}`)).toMatchObject({
      address: '172.18.0.1',
      prefix: 16,
    });
    await removeNetwork(context(), 'one', nameOf);
    expect([...engine.machine.bridges.keys()]).not.toContain(`br-${id.slice(0, 12)}`);
    await create({ Name: 'three' });
    expect(inspect('three').IPAM.Config).toEqual([{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }]);
    expect(engine.events()).toEqual(['network create', 'network create', 'network destroy', 'network create']);
  });

  it('shows what was asked of its addresses, and uses the range alone', async () => {
    await create(withSubnet('net', { Subnet: '10.80.0.0/16', IPRange: '10.80.5.0/24', AuxiliaryAddresses: { router: '10.80.5.1' } }));
    expect(inspect('net').IPAM.Config).toEqual([
      { Subnet: '10.80.0.0/16', IPRange: '10.80.5.0/24', AuxiliaryAddresses: { router: '10.80.5.1' } },
    ]);
    const { NetworkSettings: settings } = await run({ HostConfig: { NetworkMode: 'net' } }, 'web');
    // The range begins with an address like any other, which the gateway has.
    expect(settings.Networks['net']).toMatchObject({ Gateway: '10.80.5.0', IPAddress: '10.80.5.2', IPPrefixLen: 16 });
    const chosen = {
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { net: { IPAMConfig: { IPv4Address: '10.80.9.9' } } } },
    };
    expect((await run(chosen, 'db')).NetworkSettings.Networks['net']).toMatchObject({ IPAddress: '10.80.9.9' });
    await expect(run(chosen, 'other')).rejects.toThrow(
      expect.objectContaining({ kind: 'forbidden', message: 'failed to set up container networking: Address already in use' }),
    );
  });

  it('has a local block of the engine’s where IPv6 is asked for without a subnet, and IPv6 alone where IPv4 is not wanted', async () => {
    await create({ Name: 'both', EnableIPv6: true });
    await create({ Name: 'six', EnableIPv6: true, EnableIPv4: false });
    const block = /^fd[0-9a-f]{2}:[0-9a-f:]+/;
    const [four, six] = inspect('both').IPAM.Config ?? [];
    expect(four).toEqual({ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' });
    expect([six?.Subnet, six?.Gateway]).toEqual([expect.stringMatching(/^fd.*::\/64$/), six?.Subnet?.replace('/64', '1')]);
    const [alone, ...more] = inspect('six').IPAM.Config ?? [];
    expect([alone?.Subnet, alone?.Subnet === six?.Subnet, more]).toEqual([expect.stringMatching(block), false, []]);
    expect(inspect('six')).toMatchObject({ EnableIPv4: false, EnableIPv6: true });
    const { NetworkSettings: settings } = await run({ HostConfig: { NetworkMode: 'six' } }, 'web');
    expect(settings.Networks['six']).toMatchObject({
      IPAddress: '',
      Gateway: '',
      IPv6Gateway: alone?.Gateway,
      GlobalIPv6Address: alone?.Gateway?.replace(/1$/, '2'),
      GlobalIPv6PrefixLen: 64,
    });
  });

  it('gives addresses of IPv6 from its range, also one that is asked for, however it is written', async () => {
    const config = {
      Subnet: 'FD00:14::/64',
      Gateway: 'fd00:14::ff',
      IPRange: 'fd00:14::8000:0/112',
      AuxiliaryAddresses: { a: 'fd00:14::8000:1' },
    };
    await create({ Name: 'net', EnableIPv6: true, IPAM: { Config: [config] } });
    expect(inspect('net').IPAM.Config).toEqual([{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }, config]);
    const [four, six] = [{ Subnet: '10.98.0.0/24' }, { Subnet: 'fd00:9::/64' }];
    await create({ Name: 'only4', IPAM: { Config: [six, four] } });
    expect(inspect('only4')).toMatchObject({ EnableIPv6: false, IPAM: { Config: [four, six] } });
    const asked = (IPv6Address: string) => ({
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { net: { IPAMConfig: { IPv6Address } } } },
    });
    const addressOf = async (body: object, name: string) => (await run(body, name)).NetworkSettings.Networks['net']?.GlobalIPv6Address;
    expect(await addressOf({ HostConfig: { NetworkMode: 'net' } }, 'first')).toBe('fd00:14::8000:0');
    expect(await addressOf({ HostConfig: { NetworkMode: 'net' } }, 'second')).toBe('fd00:14::8000:2');
    expect(await addressOf(asked('FD00:14:0:0::A'), 'third')).toBe('fd00:14::a');
    for (const [index, taken] of ['fd00:14::a', 'fd00:14::ff', 'fd00:14::8000:1', 'fd00:14::'].entries())
      await expect(run(asked(taken), `other${index}`)).rejects.toThrow('failed to set up container networking: Address already in use');
    await expect(run(asked('fd00:15::1'), 'outside')).rejects.toThrow('no configured subnet or ip-range contain the IP address fd00:15::1');
  });

  it('names its containers by name, alias, short ID and host name', async () => {
    await create({ Name: 'net' });
    const body = {
      Hostname: 'hh',
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { net: { Aliases: ['al'] } } },
    };
    const { Id: id, NetworkSettings: settings } = await run(body, 'web');
    expect(settings.Networks['net']?.DNSNames).toEqual(['web', 'al', id.slice(0, 12), 'hh']);
    expect((await run({}, 'plain')).NetworkSettings.Networks['bridge']?.DNSNames).toBeNull();
  });

  it.each([
    [{ Name: 'bridge' }, 'forbidden', 'operation is not permitted on predefined bridge network '],
    [{ Name: ' ' }, 'invalid', 'invalid name: name is empty'],
    [
      { Name: 'x', Driver: 'overlay' },
      'forbidden',
      'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
    ],
    [{ Name: 'x', Driver: 'nope' }, 'not_found', 'plugin "nope" not found'],
    [{ Name: 'x', Driver: 'host' }, 'forbidden', 'only one instance of "host" network is allowed'],
    [{ Name: 'x', Ingress: true }, 'forbidden', 'Ingress network can only be global scope network'],
    [{ Name: 'x', Scope: 'swarm' }, 'forbidden', 'cannot create a swarm scoped network when swarm is not active'],
    [{ Name: 'x', EnableIPv4: false }, 'invalid', 'IPv4 or IPv6 must be enabled'],
    [{ Name: 'x', ConfigFrom: { Network: 'zz' } }, 'not_found', 'configuration network "zz" does not exist'],
    [{ Name: 'x', IPAM: { Driver: 'nope' } }, 'not_found', 'plugin "nope" not found'],
    [{ Name: 'x', IPAM: { Driver: 'null' } }, 'invalid', 'ipv4 pool is empty'],
    [
      { Name: 'x', Options: { 'com.docker.network.bridge.name': 'docker0' } },
      'forbidden',
      expect.stringMatching(
        /^cannot create network \w{64} \(docker0\): conflicts with network \w{64} \(docker0\): networks have same bridge name$/,
      ),
    ],
    [{ Name: 'x', Options: { 'com.docker.network.bridge.name': 'averyveryverylongname' } }, 'internal', 'numerical result out of range'],
    [
      { Name: 'x', Options: { 'com.docker.network.bridge.enable_icc': 'maybe' } },
      'invalid',
      'failed to parse com.docker.network.bridge.enable_icc value: maybe (strconv.ParseBool: parsing "maybe": invalid syntax)',
    ],
    [{ Name: 'x', Options: { 'com.docker.network.driver.mtu': '-1' } }, 'invalid', 'invalid MTU number: -1'],
    [withSubnet('x', { Subnet: '172.17.0.0/24' }), 'forbidden', 'invalid pool request: Pool overlaps with other one on this address space'],
    [{ Name: 'x', EnableIPv4: false }, 'invalid', 'IPv4 or IPv6 must be enabled'],
    [
      { ...withSubnet('x', { Subnet: 'fd00:2::1/64' }), EnableIPv6: true },
      'invalid',
      'invalid network config:\ninvalid subnet fd00:2::1/64: it should be fd00:2::/64',
    ],
    [
      {
        ...withSubnet('x', {
          Subnet: 'fd00:2::/64',
          Gateway: 'zz',
          IPRange: 'fd00:3::/80',
          AuxiliaryAddresses: { a: '1.2.3.4', b: 'fd00:9::1' },
        }),
        EnableIPv6: true,
      },
      'invalid',
      "invalid network config:\n* invalid ip-range fd00:3::/80: parent subnet fd00:2::/64 doesn't contain ip-range\n* invalid gateway zz: invalid address\n* invalid auxiliary address a: parent subnet is an IPv6 block\n* invalid auxiliary address b: parent subnet fd00:2::/64 doesn't contain this address",
    ],
    [
      { ...withSubnet('x', { Subnet: 'fd00:b::/128' }), EnableIPv6: true },
      'internal',
      'failed to allocate gateway (): no available addresses on this pool',
    ],
    [{ ...withSubnet('x', { Subnet: '::/0' }), EnableIPv6: true }, 'invalid', 'ipv6 pool is empty'],
    [withSubnet('x', { Gateway: '10.5.5.5' }), 'invalid', 'invalid network config:\ninvalid subnet : invalid CIDR block notation'],
    [
      withSubnet('x', { Subnet: '10.90.0.0/16', IPRange: '10.90.0.0/8' }),
      'invalid',
      'invalid network config:\n* invalid ip-range 10.90.0.0/8: CIDR block is bigger than its parent subnet 10.90.0.0/16\n* invalid ip-range 10.90.0.0/8: it should be 10.0.0.0/8',
    ],
    [
      withSubnet('x', { Subnet: '10.90.0.0/16', AuxiliaryAddresses: { a: 'x', b: '10.99.0.1' } }),
      'invalid',
      "invalid network config:\n* invalid auxiliary address a: invalid address\n* invalid auxiliary address b: parent subnet 10.90.0.0/16 doesn't contain this address",
    ],
    [
      withSubnet('x', { Subnet: '10.92.0.0/30', Gateway: '10.92.0.1', AuxiliaryAddresses: { a: '10.92.0.1' } }),
      'internal',
      'failed to allocate secondary ip address (a:10.92.0.1): Address already in use',
    ],
    [
      withSubnet('x', { Subnet: '10.93.0.0/30', Gateway: '10.93.0.0' }),
      'internal',
      'failed to allocate gateway (10.93.0.0): Address already in use',
    ],
    [
      { Name: 'x', IPAM: { Config: [{ Subnet: '10.90.0.0/16' }, { Subnet: '10.91.0.0/16' }] } },
      'forbidden',
      "bridge driver doesn't support multiple subnets",
    ],
  ])('is refused as Docker 28.5 refuses it: %j', async (body, kind, message) => {
    await expect(create(body)).rejects.toThrow(expect.objectContaining({ kind, message }));
    expect(engine.context.networks.store.all()).toHaveLength(3);
  });

  it('is alone in its name, also while it is being made', async () => {
    const both = await Promise.allSettled([create({ Name: 'net' }), create({ Name: 'net' })]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(create({ Name: 'net' })).rejects.toThrow(
      expect.objectContaining({ kind: 'conflict', message: 'network with name net already exists' }),
    );
  });

  it('leaves nothing behind where the guest cannot make its bridge', async () => {
    engine.machine.failures.set('createBridge', new AppError('internal', 'no memory'));
    await expect(create({ Name: 'net' })).rejects.toThrow('no memory');
    await create({ Name: 'net' });
    expect(inspect('net').IPAM.Config).toEqual([{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }]);
  });

  it('says when it is full', async () => {
    const id = await create(withSubnet('net', { Subnet: '10.96.0.0/30' }));
    await run({ HostConfig: { NetworkMode: 'net' } }, 'first');
    await expect(run({ HostConfig: { NetworkMode: 'net' } }, 'second')).rejects.toThrow(
      `failed to set up container networking: no available IPv4 addresses on this network's address pools: net (${id})`,
    );
  });

  it('that is internal has no way out, nor have its containers a default route', async () => {
    const id = await create({ Name: 'net', Internal: true });
    expect(engine.machine.iptables('nat').filter((rule) => rule.includes(`br-${id.slice(0, 12)}`))).toEqual([]);
    const { NetworkSettings: settings } = await run({ HostConfig: { NetworkMode: 'net' } }, 'web');
    expect(settings.Networks['net']).toMatchObject({ IPAddress: '172.18.0.2', Gateway: '' });
    expect(engine.machine.started.at(-1)?.endpoints?.[0]).toMatchObject({ gateway: '' });
  });

  it('gives the default route by priority, then by its name', async () => {
    for (const Name of ['a', 'b', 'c']) await create({ Name });
    const EndpointsConfig = { c: {}, b: { GwPriority: 5 }, a: {} };
    await run({ HostConfig: { NetworkMode: 'c' }, NetworkingConfig: { EndpointsConfig } }, 'web');
    expect(engine.machine.started.at(-1)?.endpoints?.map(({ gateway }) => gateway)).toEqual(['', '172.19.0.1', '']);
    await run({ HostConfig: { NetworkMode: 'c' }, NetworkingConfig: { EndpointsConfig: { c: {}, a: {} } } }, 'db');
    expect(engine.machine.started.at(-1)?.endpoints?.map(({ gateway }) => gateway)).toEqual(['', '172.18.0.1']);
  });

  it('takes what a configuration network says, which stays while it is used and lets nobody on', async () => {
    const configuration = { ...withSubnet('conf', { Subnet: '10.95.0.0/24' }), ConfigOnly: true, Labels: { q: '1' } };
    await create(configuration);
    await create({ Name: 'net', ConfigFrom: { Network: 'conf' }, Internal: true });
    expect(inspect('conf')).toMatchObject({ Driver: 'null', ConfigOnly: true, IPAM: { Config: [{ Subnet: '10.95.0.0/24' }] } });
    expect(inspect('net')).toMatchObject({
      Driver: 'bridge',
      Internal: true,
      ConfigFrom: { Network: 'conf' },
      IPAM: { Config: [{ Subnet: '10.95.0.0/24' }] },
      Labels: { q: '1' },
    });
    await expect(removeNetwork(context(), 'conf', nameOf)).rejects.toThrow(
      'error while removing network: configuration network "conf" is in use',
    );
    await expect(run({ HostConfig: { NetworkMode: 'conf' } }, 'web')).rejects.toThrow(
      'cannot create endpoint on configuration-only network',
    );
  });
});

describe('removal', () => {
  it('is refused while containers are on it, and of Docker’s own', async () => {
    await create({ Name: 'net' });
    const { Id: id, NetworkSettings: settings } = await run({ HostConfig: { NetworkMode: 'net' } }, 'web');
    const endpoint = settings.Networks['net']?.EndpointID.slice(0, 12);
    await expect(removeNetwork(context(), 'net', nameOf)).rejects.toThrow(
      expect.objectContaining({
        kind: 'forbidden',
        message: `error while removing network: network net has active endpoints (name:"web" id:"${endpoint}")`,
      }),
    );
    await expect(removeNetwork(context(), 'host', nameOf)).rejects.toThrow('host is a pre-defined network and cannot be removed');
    await stopContainer(engine.context, id, { timeout: 0 });
    await removeNetwork(context(), 'net', nameOf);
    await expect(startContainer(engine.context, id)).rejects.toThrow(/^failed to set up container networking: network \w{64} not found$/);
  });

  it('does not overtake a container on its way to the network', async () => {
    await create({ Name: 'net' });
    const id = engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: 'net' } }, 'web');
    const [removed, started] = await Promise.allSettled([removeNetwork(context(), 'net', nameOf), startContainer(engine.context, id)]);
    expect([removed.status, started.status].sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('by prune takes what is unused, by age and label', async () => {
    await create({ Name: 'used' });
    await run({ HostConfig: { NetworkMode: 'used' } }, 'web');
    await create({ Name: 'kept', Labels: { keep: '1' } });
    await create({ Name: 'gone' });
    expect(await pruneNetworks(context(), { until: ['1h'] })).toEqual({ NetworksDeleted: null });
    expect(await pruneNetworks(context(), { 'label!': ['keep'] })).toEqual({ NetworksDeleted: ['gone'] });
    expect(engine.context.networks.store.all().map(({ name }) => name)).toEqual(['bridge', 'host', 'none', 'used', 'kept']);
  });
});

it('a snapshot has the networks of the user’s with all that was asked of them', async () => {
  await create({ ...withSubnet('net', { Subnet: '10.80.0.0/16', AuxiliaryAddresses: { a: '10.80.0.2' } }), Internal: true });
  const before = inspect('net');
  const saved: unknown = JSON.parse(JSON.stringify(snapshotEngine({ context: engine.context, log: engine.log })));
  const other = createTestEngine();
  restoreEngine({ context: other.context, log: other.log }, saved);
  expect(inspectNetwork(other.context.networks.store, 'net', nameOf)).toEqual(before);
  expect(other.context.networks.bridges.made().map(({ network }) => network)).toContain(before.Id);
});
