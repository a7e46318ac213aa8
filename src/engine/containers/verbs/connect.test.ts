import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../base/errors.ts';
import { createNetworkSchema, emptyEndpoint, type EndpointSettings } from '../../../protocol/engine-api.ts';
import { createNetwork } from '../../networks/create.ts';
import { removeNetwork } from '../../networks/remove.ts';
import { createTestEngine, type TestEngine } from '../../testing/engine.ts';
import { inspectContainer } from '../view/inspect.ts';
import { connectToNetwork, disconnectFromNetwork } from './connect.ts';
import { startContainer } from './start.ts';
import { stopContainer } from './stop.ts';

let engine: TestEngine;
beforeEach(() => {
  engine = createTestEngine();
});

const create = (name: string, NetworkMode = '') => engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode } }, name);
const connect = (container: string, network = 'bridge', settings: Partial<EndpointSettings> = {}) =>
  connectToNetwork(engine.context, network, { container, settings: { ...emptyEndpoint, ...settings } });
const disconnect = (container: string, network = 'bridge', force = false) =>
  disconnectFromNetwork(engine.context, network, { container, force });
const makeNetwork = (Name: string) =>
  createNetwork({ ...engine.context.networks, clock: engine.clock }, createNetworkSchema.parse({ Name }));
const networksOf = async (container: string) =>
  (await inspectContainer(engine.context, container, { size: false })).NetworkSettings.Networks;
const multiple = 'container cannot be connected to multiple networks with one of the networks in private (none) mode';
const shared = 'container sharing network namespace with another container or host cannot be connected to any other network';
const onlyAtCreate = 'cannot connect container to host network - container must be created in host network mode';

describe('a link-local address', () => {
  it('that is none is refused in Docker’s words, and one that is in ours, not taken in silence', async () => {
    const id = create('web');
    await expect(connect(id, 'bridge', { IPAMConfig: { LinkLocalIPs: ['x'] } })).rejects.toThrow('invalid link-local IP address: x');
    await expect(connect(id, 'bridge', { IPAMConfig: { LinkLocalIPs: ['169.254.7.7'] } })).rejects.toMatchObject({
      kind: 'not_implemented',
    });
  });
});

describe('a container that runs', () => {
  it('leaves a network with interface, address and event, and joins it again', async () => {
    const id = create('web');
    await startContainer(engine.context, id);
    await disconnect('web');
    expect(await networksOf('web')).toEqual({});
    expect(engine.machine.interfaces.size).toBe(0);
    expect(engine.context.networks.store.find('bridge').leases.size).toBe(0);
    await connect('web', 'bridge', { GwPriority: 3 });
    expect(await networksOf('web')).toMatchObject({ bridge: { IPAddress: '172.17.0.2', Gateway: '172.17.0.1', GwPriority: 3 } });
    expect([...engine.machine.interfaces.values()]).toEqual(['docker0']);
    expect(engine.events().filter((event) => event.startsWith('network'))).toEqual([
      'network connect',
      'network disconnect',
      'network connect',
    ]);
    await stopContainer(engine.context, 'web', {});
    expect(engine.machine.interfaces.size).toBe(0);
    expect(engine.context.networks.store.find('bridge').leases.size).toBe(0);
  });

  it('has the line of its address in /etc/hosts as long as it has the address, and keeps what else is there', async () => {
    const id = create('web');
    await startContainer(engine.context, id);
    const path = `/run/drydock/containers/${id}/hosts`;
    const lines = () => (engine.machine.tree.get(path) ?? '').split('\n').slice(6);
    engine.machine.tree.set(path, `${engine.machine.tree.get(path) ?? ''}1.2.3.4 mine\n`);
    expect(lines()).toEqual([`172.17.0.2\t${id.slice(0, 12)}`, '1.2.3.4 mine', '']);
    await disconnect('web');
    expect(lines()).toEqual(['1.2.3.4 mine', '']);
    await connect('web');
    expect(lines()).toEqual(['1.2.3.4 mine', `172.17.0.2\t${id.slice(0, 12)}`, '']);
  });

  it.each(['addEndpoint', 'inspect', 'write'])('has nothing of a network when %s fails', async (call) => {
    const id = create('web');
    await startContainer(engine.context, id);
    await disconnect('web');
    engine.machine.failures.set(call, new AppError('internal', 'no memory'));
    await expect(connect('web')).rejects.toThrow('no memory');
    expect(await networksOf('web')).toEqual({});
    expect(engine.context.networks.store.find('bridge').leases.size).toBe(0);
    expect(engine.machine.interfaces.size).toBe(0);
    await connect('web');
  });

  it.each([
    ['web', 'bridge', 'forbidden', 'endpoint with name web already exists in network bridge'],
    ['web', 'none', 'invalid', multiple],
    ['web', 'host', 'invalid', onlyAtCreate],
    ['alone', 'bridge', 'invalid', multiple],
    ['hosted', 'bridge', 'invalid', shared],
    ['hosted', 'host', 'invalid', shared],
    ['joined', 'bridge', 'invalid', shared],
    ['web', 'nosuch', 'not_found', 'network nosuch not found'],
    ['nosuch', 'bridge', 'not_found', 'No such container: nosuch'],
  ])("%s is refused to connect to %s in Docker's words", async (container, network, kind, message) => {
    for (const [name, mode] of [
      ['web', ''],
      ['alone', 'none'],
      ['hosted', 'host'],
      ['joined', 'container:web'],
    ] as const)
      await startContainer(engine.context, create(name, mode));
    await expect(connect(container, network)).rejects.toMatchObject({ kind, message });
  });

  it("is refused to disconnect in Docker's words", async () => {
    const [web, hosted] = [create('web'), create('hosted', 'host')];
    await startContainer(engine.context, web);
    await startContainer(engine.context, hosted);
    await expect(disconnect('web', 'none')).rejects.toThrow(`container ${web} is not connected to network none`);
    await expect(disconnect('hosted', 'host')).rejects.toThrow('cannot disconnect container from host network');
    await expect(disconnect('gone')).rejects.toMatchObject({ kind: 'not_found', message: 'No such container: gone' });
    await expect(disconnect('gone', 'bridge', true)).rejects.toMatchObject({ message: 'endpoint gone not found' });
  });
});

describe('a container that does not run', () => {
  it('may go from none to bridge, and is there when it starts', async () => {
    const id = create('alone', 'none');
    await expect(connect('alone')).rejects.toThrow(multiple);
    await disconnect('alone', 'none');
    await connect('alone');
    expect(engine.events()).toEqual(['create']);
    await startContainer(engine.context, id);
    expect(await networksOf('alone')).toMatchObject({ bridge: { IPAddress: '172.17.0.2' } });
  });

  it('is refused what its networks exclude, and an address of its choice', async () => {
    const id = create('web');
    create('hosted', 'host');
    await expect(connect('hosted')).rejects.toThrow(shared);
    await expect(connect('web', 'host')).rejects.toThrow(onlyAtCreate);
    await expect(disconnect('web', 'none')).rejects.toThrow(`container ${id} is not connected to the network none`);
    await expect(connect('web', 'bridge', { IPAMConfig: { IPv4Address: '172.17.0.9' } })).rejects.toThrow(
      'invalid endpoint settings:\n* user specified IP address is supported on user defined networks only\n* user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  });

  it.each(['red', 'its ID'])('is on a network once that it named before there was one and is connected to by %s', async (by) => {
    const id = create('web', 'red');
    await connect('web', 'red', { Aliases: ['kept'] });
    const network = await makeNetwork('red');
    await connect('web', by === 'red' ? 'red' : network, { Aliases: ['later'] });
    expect(await networksOf('web')).toMatchObject({ red: { Aliases: ['kept'], NetworkID: '' } });
    await startContainer(engine.context, id);
    expect(await networksOf('web')).toEqual({ red: expect.objectContaining({ Aliases: ['kept'], IPAddress: '172.18.0.2' }) });
    expect(engine.machine.interfaces.size).toBe(1);
    expect(engine.events().filter((event) => event === 'network connect')).toHaveLength(1);
  });

  it.each(['red', 'its ID'])('leaves a network that it named before there was one, by %s', async (by) => {
    create('web', 'red');
    const network = await makeNetwork('red');
    await disconnect('web', by === 'red' ? 'red' : network);
    expect(await networksOf('web')).toEqual({});
  });

  it('keeps what it asked of a network that it is told of again', async () => {
    await makeNetwork('red');
    create('web');
    await connect('web', 'red', { Aliases: ['one'] });
    await connect('web', 'red', { Aliases: ['two'] });
    expect(await networksOf('web')).toMatchObject({ red: { Aliases: ['one'] } });
    await connect('web', 'blue', { Aliases: ['one'] });
    await connect('web', 'blue', { Aliases: ['two'] });
    expect(await networksOf('web')).toMatchObject({ blue: { Aliases: ['two'] } });
  });

  describe.each([
    ['the full ID', (id: string) => id, ['red']],
    ['a part of the ID', (id: string) => id.slice(0, 6), ['red', expect.stringMatching(/^[0-9a-f]{6}$/)]],
  ] as const)('that names a network once by its name and once by %s', (_, other, left) => {
    const createTwice = async () => {
      const network = await makeNetwork('red');
      const NetworkingConfig = { EndpointsConfig: { red: {}, [other(network)]: {} } };
      engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: 'red' }, NetworkingConfig }, 'web');
      return network;
    };

    it('is created, and not started, and has nothing of it', async () => {
      const network = await createTwice();
      expect(Object.keys(await networksOf('web'))).toEqual(['red', other(network)]);
      await expect(startContainer(engine.context, 'web')).rejects.toMatchObject({
        kind: 'forbidden',
        message: 'failed to set up container networking: endpoint with name web already exists in network red',
      });
      expect(engine.machine.interfaces.size).toBe(0);
      expect(engine.context.networks.store.find('red').leases.size).toBe(0);
    });

    it('keeps the name of it, and a part of the ID beside it, as Docker does', async () => {
      await createTwice();
      await expect(startContainer(engine.context, 'web')).rejects.toThrow('already exists');
      expect(Object.keys(await networksOf('web'))).toEqual(left);
      const again = startContainer(engine.context, 'web');
      await (left.length === 1 ? again : expect(again).rejects.toThrow('already exists'));
    });
  });

  const createOn = (mode: string, name: string) =>
    engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: mode }, NetworkingConfig: { EndpointsConfig: { [mode]: {} } } }, name);

  it('that was told the name of a network is on the one that has the name when it starts first, and on none but that later', async () => {
    const [first, name, once] = [await makeNetwork('red'), createOn('red', 'name'), createOn('red', 'once')];
    await startContainer(engine.context, once);
    await stopContainer(engine.context, once, {});
    await removeNetwork(engine.context.networks, 'red', (id) => id);
    expect(await networksOf('name')).toMatchObject({ red: { NetworkID: '' } });
    const second = await makeNetwork('red');
    await startContainer(engine.context, name);
    expect(await networksOf('name')).toMatchObject({ red: { NetworkID: second } });
    await expect(startContainer(engine.context, once)).rejects.toThrow(`failed to set up container networking: network ${first} not found`);
  });

  it.each([64, 12])(
    'that was told %i digits of its main network’s ID shows its name, and is not started once that is gone',
    async (digits) => {
      const network = await makeNetwork('red');
      const NetworkingConfig = { EndpointsConfig: digits === 64 ? { [network]: {} } : {} };
      const mode = network.slice(0, digits);
      engine.create({ Cmd: ['sleep'], HostConfig: { NetworkMode: mode }, NetworkingConfig }, 'web');
      expect(await networksOf('web')).toMatchObject({ red: { NetworkID: '', DNSNames: null } });
      await removeNetwork(engine.context.networks, 'red', (id) => id);
      await makeNetwork('red');
      await expect(startContainer(engine.context, 'web')).rejects.toThrow(
        `failed to set up container networking: could not find a network matching network mode ${mode}: network ${mode} not found`,
      );
    },
  );

  it('that is told of a network by a part of its ID has both, the mode in full once it has started, and leaves it by either', async () => {
    const network = await makeNetwork('red');
    const short = network.slice(0, 12);
    const id = createOn(short, 'web');
    expect(Object.keys(await networksOf('web'))).toEqual([short]);
    await expect(disconnect('web', short)).rejects.toThrow(`container ${id} is not connected to the network red`);
    await startContainer(engine.context, id);
    const place = { NetworkID: network, IPAddress: '172.18.0.2' };
    expect(await networksOf('web')).toMatchObject({ red: place, [short]: place });
    expect(engine.machine.interfaces.size).toBe(1);
    await disconnect('web', short);
    expect(Object.keys(await networksOf('web'))).toEqual([short]);
    expect(engine.machine.interfaces.size).toBe(0);
  });

  it('is on the networks alone that its endpoints name, whatever its mode, which gives no hardware address then', async () => {
    await makeNetwork('red');
    await makeNetwork('blue');
    const body = { Cmd: ['sleep'], HostConfig: { NetworkMode: 'red' }, NetworkingConfig: { EndpointsConfig: { blue: {} } } };
    engine.create(body, 'web');
    expect(Object.keys(await networksOf('web'))).toEqual(['blue']);
    expect(() => engine.create({ ...body, MacAddress: '02:42:ac:11:00:99' }, 'other')).toThrow(
      'unable to migrate container-wide MAC address to a specific network: HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks',
    );
  });

  it('keeps the hardware address that was asked for over stops', async () => {
    const NetworkingConfig = { EndpointsConfig: { bridge: { MacAddress: '02:42:ac:11:00:99' } } };
    const id = engine.create({ Cmd: ['sleep'], NetworkingConfig }, 'web');
    expect(await networksOf('web')).toMatchObject({ bridge: { MacAddress: '02:42:ac:11:00:99', NetworkID: '' } });
    await startContainer(engine.context, id);
    await stopContainer(engine.context, id, {});
    expect(await networksOf('web')).toMatchObject({ bridge: { MacAddress: '', NetworkID: expect.stringMatching(/^\w{64}$/) } });
    await startContainer(engine.context, id);
    expect(engine.machine.started[1]?.endpoints).toMatchObject([{ mac: '02:42:ac:11:00:99' }]);
  });
});
