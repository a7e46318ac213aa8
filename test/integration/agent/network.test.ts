import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daemonRules } from '../../../src/engine/networks/firewall-rules.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import type { AgentRecordInput } from '../../../src/protocol/agent.ts';
import { concatBytes, fromUtf8 } from '../../../src/base/bytes.ts';
import { pipeTo, readAll } from '../../../src/base/streams.ts';
import { agentIsBuilt, coldBoot, output } from '../machine/guest.ts';
import { addLayer, Containers, outcomeOf } from './containers.ts';

function endpoint(bridge: string, network: number, host: number) {
  return {
    bridge,
    hostName: `veth${network}x${host}`,
    name: 'eth0',
    address: `172.${network}.0.${host}`,
    prefix: 16,
    gateway: `172.${network}.0.1`,
    mac: `02:42:ac:${network}:00:${host}`,
    mtu: 1400,
  };
}

/** RFC 1035, 4.1: the question back, with one A record or none. */
function answerTo(query: Uint8Array, address: readonly number[] | null): Uint8Array {
  const head = Uint8Array.of(query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, address === null ? 0 : 1, 0, 0, 0, 0);
  const record = address === null ? [] : [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address];
  return concatBytes([head, query.subarray(12), Uint8Array.from(record)]);
}

describe.skipIf(!agentIsBuilt)('networks (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  let containers: Containers;
  beforeAll(async () => {
    machine = await coldBoot();
    addLayer(machine);
    containers = new Containers(machine);
    await containers.guest.networks.createBridge({
      bridge: 'one',
      address: '172.17.0.1',
      prefix: 16,
      mac: '02:42:00:00:00:01',
    });
    await containers.guest.networks.createBridge({ bridge: 'two', address: '172.18.0.1', prefix: 16 });
    await containers.guest.firewall.add([
      ...daemonRules(),
      ...['one', 'two'].flatMap((name) => [
        {
          family: 'ip',
          table: 'nat',
          words: `-A POSTROUTING -s 172.${name === 'one' ? 17 : 18}.0.0/16 ! -o ${name} -j MASQUERADE`,
        } as const,
        { family: 'ip', table: 'filter', words: `-A DOCKER-FORWARD -i ${name} -j ACCEPT` } as const,
      ]),
    ]);
  });
  afterAll(() => machine.dispose());

  test('a container has lo and eth0 with its address, MAC, MTU and default route, and reaches neighbour and gateway', async () => {
    const neighbour = outcomeOf(await containers.start('n1', ['sleep', '1000'], { endpoints: [endpoint('one', 17, 12)] }));
    const { stdout } = await containers.run('n2', 'ip a; ip r; for a in 172.17.0.12 172.17.0.1 127.0.0.1; do ping -c1 -W20 $a; done', {
      endpoints: [endpoint('one', 17, 13)],
    });
    expect(stdout).toContain('inet 172.17.0.13/16 brd 172.17.255.255');
    expect(stdout).toMatch(/eth0@if\d+: .* mtu 1400/);
    expect(stdout).toContain('02:42:ac:17:00:13');
    expect(stdout).toContain('default via 172.17.0.1 dev eth0');
    expect(stdout.match(/ 0% packet loss/g)).toHaveLength(3);
    await containers.remove('n1');
    await neighbour;
    await containers.remove('n2');
    await expect.poll(() => output(machine, 'ip link | grep -c veth || true')).toBe('0\n');
  });

  test('what stands ready for the next container shows nowhere in the guest, and serves any network', async () => {
    // Only the agent has them, as files that name a name space: its own network is not among those files twice.
    const ready = () => output(machine, 'ls -l /proc/1/fd | grep -o "net:.*" | sort -u | wc -l');
    await expect.poll(async () => Number(await ready()), { timeout: 60_000 }).toBeGreaterThan(1);
    expect(await output(machine, 'ip link | grep -c -e veth -e spare || true; ip netns 2>/dev/null | wc -l')).toBe('0\n0\n');
    const networks = async () => (await output(machine, 'ls -l /proc/[0-9]*/ns/net | grep -o "net:.*" | sort -u | wc -l')).trim();
    expect(await networks()).toBe('1');
    const { stdout } = await containers.run('ready', 'ip a; ping -c1 -W20 172.18.0.1', { endpoints: [endpoint('two', 18, 17)] });
    expect(stdout).toContain('inet 172.18.0.17/16 brd 172.18.255.255');
    expect(stdout).toMatch(/eth0@if\d+: .* mtu 1400/);
    expect(stdout).toContain('02:42:ac:18:00:17');
    expect(stdout).toContain(' 0% packet loss');
    await containers.remove('ready');
    expect(await output(machine, 'ip link | grep -c veth || true')).toBe('0\n');
  });

  /** What a server in `to` sees as the address of a client in `from`; '' when nothing comes through in `seconds`. */
  async function seenBy(to: AgentRecordInput<'endpoint'>, from: AgentRecordInput<'endpoint'>, seconds = 30): Promise<string> {
    const script = 'nc -l -p 80 -e netstat -tn & sleep 1000';
    const server = await containers.start('server', ['sh', '-c', script], { endpoints: [to] });
    const done = outcomeOf(server);
    await expect.poll(async () => (await containers.exec('server', 'netstat -tln')).stdout).toContain(':80 ');
    const { stdout } = await containers.run('client', `nc -w ${seconds} ${to.address} 80 </dev/null`, { endpoints: [from] });
    await containers.remove('server');
    await done;
    await containers.remove('client');
    return /:80 +(?:::ffff:)?([\d.]+):\d+/.exec(stdout)?.[1] ?? '';
  }

  test('what leaves the bridge is masqueraded, what stays is not', async () => {
    expect(await seenBy(endpoint('two', 18, 12), endpoint('one', 17, 14))).toBe('172.18.0.1');
    expect(await seenBy(endpoint('one', 17, 12), endpoint('one', 17, 14))).toBe('172.17.0.14');
  });

  test('rules stand in iptables’ tables until they are taken away, all of a transaction or none', async () => {
    const { firewall } = containers.guest;
    const parted = (name: string) =>
      ({ family: 'ip', table: 'filter', words: `-I DOCKER-ISOLATION-STAGE-1 -i ${name} ! -o ${name} -j DROP` }) as const;
    const missing = firewall.add([parted('one'), { family: 'ip', table: 'filter', words: '-A NONE -j DROP' }]);
    await expect(missing).rejects.toMatchObject({ kind: 'not_found' });
    expect(await seenBy(endpoint('two', 18, 12), endpoint('one', 17, 14))).toBe('172.18.0.1');
    const rules = await firewall.add([parted('one'), parted('two')]);
    expect(rules.map(({ handle }) => handle > 0)).toEqual([true, true]);
    expect(await seenBy(endpoint('two', 18, 12), endpoint('one', 17, 14), 3)).toBe('');
    expect(await seenBy(endpoint('one', 17, 12), endpoint('one', 17, 14))).toBe('172.17.0.14');
    // One of them is gone, as after `iptables -D`: the others go, too.
    await firewall.remove(rules.slice(0, 1));
    await firewall.remove(rules);
    expect(await seenBy(endpoint('two', 18, 12), endpoint('one', 17, 14))).toBe('172.18.0.1');
  });

  test('a container shares the network, pid and ipc name spaces of another', async () => {
    const first = outcomeOf(await containers.start('first', ['sleep', '1000'], { endpoints: [endpoint('one', 17, 15)] }));
    const { stdout } = await containers.run('second', 'ip a; ps; ls -l /proc/1/ns/ipc /proc/self/ns/ipc', {
      joinNetwork: 'first',
      joinPid: 'first',
      joinIpc: 'first',
    });
    expect(stdout).toContain('172.17.0.15/16');
    expect(stdout).toMatch(/1 root {5}sleep 1000/);
    expect(new Set(stdout.match(/ipc:\[\d+\]/g)).size).toBe(1);
    await containers.remove('second');
    await containers.remove('first');
    await first;
  });

  test('a running container joins a network and leaves it, its default route with it', async () => {
    const { networks } = containers.guest;
    const done = outcomeOf(await containers.start('joins', ['sleep', '1000'], { endpoints: [endpoint('one', 17, 16)] }));
    const second = { ...endpoint('two', 18, 16), name: 'eth1', gateway: '' };
    await networks.addEndpoint('joins', second, { v4: '172.18.0.1', v6: '' });
    const { stdout: joined } = await containers.exec(
      'joins',
      'ip a; ip r; ping -c1 -W20 172.18.0.1; cat /proc/sys/net/ipv6/conf/eth1/disable_ipv6',
    );
    expect(joined).toContain('inet 172.18.0.16/16 brd 172.18.255.255');
    expect(joined).toMatch(/eth1@if\d+: <[A-Z,_-]*UP[A-Z,_-]*> mtu 1400/);
    expect(joined).toContain('02:42:ac:18:00:16');
    expect(joined.match(/default via .*/g)).toEqual(['default via 172.18.0.1 dev eth1 ']);
    expect(joined).toContain(' 0% packet loss');
    expect(joined).toMatch(/^1$/m);
    expect(await output(machine, `cat /sys/class/net/${second.hostName}/master/ifindex /sys/class/net/two/ifindex | uniq | wc -l`)).toBe(
      '1\n',
    );

    await networks.removeEndpoint('joins', second, { v4: '172.17.0.1', v6: '' });
    const { stdout: left } = await containers.exec('joins', 'ls /sys/class/net; ip r');
    expect(left).not.toContain('eth1');
    expect(left.match(/default via .*/g)).toEqual(['default via 172.17.0.1 dev eth0 ']);
    await networks.removeEndpoint('joins', second);
    await networks.addEndpoint('joins', second);
    await containers.remove('joins');
    await done;
    expect(await output(machine, 'ls /sys/class/net | grep -c veth || true')).toBe('0\n');
    await expect(networks.addEndpoint('joins', second)).rejects.toMatchObject({ detail: { errno: 3 } });
  });

  test('what fails to join leaves nothing, and takes nothing from others', async () => {
    const { networks } = containers.guest;
    const done = outcomeOf(await containers.start('fails', ['sleep', '1000'], { endpoints: [endpoint('one', 17, 18)] }));
    const good = { ...endpoint('two', 18, 18), name: 'eth1', gateway: '' };
    await expect(networks.addEndpoint('fails', { ...good, bridge: 'none' })).rejects.toMatchObject({
      message: expect.stringContaining('none'),
    });
    await expect(networks.addEndpoint('fails', { ...good, address: '300.1.1.1' })).rejects.toMatchObject({ detail: { errno: 22 } });
    await expect(networks.addEndpoint('fails', { ...good, hostName: 'veth17x18' })).rejects.toMatchObject({ detail: { errno: 17 } });
    expect(await output(machine, 'ls /sys/class/net | grep veth')).toBe('veth17x18\n');
    expect((await containers.exec('fails', 'ls /sys/class/net')).stdout).toBe('eth0\nlo\n');
    await containers.remove('fails');
    await done;
  });

  test('a connection is made from inside a container, both ways and with half-closes, though the container has no network', async () => {
    const server = await containers.start('serves', ['sh', '-c', 'nc -l -p 7 -e sh -c "echo first; wc -c; echo last"']);
    const done = outcomeOf(server);
    await expect.poll(async () => (await containers.exec('serves', 'netstat -tln')).stdout).toContain(':7 ');
    const peer = { container: 'serves', address: '127.0.0.1', port: 7 };
    const connection = await containers.guest.sockets.connect(peer);
    for (let piece = 0; piece < 20; piece++) await connection.sink.write(new Uint8Array(20_000));
    await connection.sink.close();
    expect(fromUtf8(await readAll(connection.source))).toBe('first\n400000\nlast\n');
    await connection.closed;
    await expect(containers.guest.sockets.connect({ ...peer, container: '' })).rejects.toMatchObject({ detail: { errno: 111 } });
    await done;
    await containers.remove('serves');
    await expect(containers.guest.sockets.connect(peer)).rejects.toMatchObject({ detail: { errno: 3 } });
  });

  test('what is asked at 127.0.0.11 port 53, by UDP or TCP, comes to the resolver of that container, whose own port 53 stays free', async () => {
    const { resolvers } = containers.guest;
    const serve = async (id: string, { ahead, last }: { readonly ahead: boolean; readonly last: number }) => {
      const endpoints = [endpoint('one', 17, 20 + last)];
      const run = () => containers.start(id, ['sh', '-c', 'nc -l -p 53 -e cat & exec sleep 1000'], { endpoints });
      const early = ahead ? null : await run();
      const socket = await resolvers.listen({ container: id, ahead, udpPort: 40_000, tcpPort: 40_001 });
      const done = outcomeOf(early ?? (await run()));
      const answer = (data: Uint8Array) => answerTo(data, data.at(-3) === 1 ? [10, 9, 8, last] : null);
      const ended = (async () => {
        for (let query = await socket.receive(); query !== null; query = await socket.receive())
          await socket.send({ ...query, data: answer(query.data) });
      })();
      return { id, last, socket, ended, done };
    };
    const served = [await serve('asks1', { ahead: true, last: 1 }), await serve('asks2', { ahead: false, last: 2 })];
    for (const { id, last, socket } of served) {
      expect((await containers.exec(id, 'busybox nslookup some.name 127.0.0.11')).stdout).toMatch(
        new RegExp(`Address[ 0-9]*: 10.9.8.${last}`),
      );
      const held = socket.connected(({ source, sink, end }) => void pipeTo(source, sink).finally(end));
      expect((await containers.exec(id, 'echo said | nc 127.0.0.11 53')).stdout).toBe('said\n');
      held.dispose();
      const listening = (await containers.exec(id, 'netstat -ln')).stdout;
      expect(listening).toContain(' :::53 ');
      expect(listening).not.toContain('127.0.0.11:53 ');
      expect(listening).toContain('127.0.0.11:40000 ');
      const taken = resolvers.listen({ container: id, ahead: false, udpPort: 40_000, tcpPort: 40_002 });
      await expect(taken).rejects.toMatchObject({ detail: { errno: 98, stage: 'bind' } });
    }
    for (const { id, socket, ended, done } of served) {
      socket.close();
      await ended;
      await expect.poll(async () => (await containers.exec(id, 'netstat -ln')).stdout).not.toContain('127.0.0.11:');
      await containers.remove(id);
      await done;
    }
    const lost = await resolvers.listen({ container: 'never', ahead: true, udpPort: 40_000, tcpPort: 40_001 });
    await containers.remove('never');
    lost.close();
    await expect(resolvers.listen({ container: 'never', ahead: false, udpPort: 1, tcpPort: 1 })).rejects.toMatchObject({
      detail: { errno: 3 },
    });
  });

  test('a bridge that is missing is named; one that is removed twice is fine', async () => {
    await expect(containers.start('lost', ['true'], { endpoints: [endpoint('none', 19, 12)] })).rejects.toMatchObject({
      message: expect.stringContaining('none'),
      detail: { stage: 'network' },
    });
    await containers.remove('lost');
    await containers.guest.networks.removeBridge('two');
    await containers.guest.networks.removeBridge('two');
    expect(await output(machine, 'ip link | grep -c two: || true')).toBe('0\n');
  });
});
