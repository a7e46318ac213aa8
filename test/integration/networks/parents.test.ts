import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { createNetworkSchema } from '../../../src/protocol/engine-api.ts';
import { runLines } from '../../support/run-lines.ts';

/** Networks of macvlan and ipvlan, and what a checkpoint keeps of networks. */
let playground: LocalPlayground;
beforeAll(async () => {
  playground = await createNodePlayground();
  await run('docker pull -q busybox; ip link add par0 type dummy; ip link set par0 up');
});
afterAll(() => playground.dispose());

const run = runLines(() => playground);
const patient = { timeout: 60_000 };
/** Interfaces of the guest that are not those of every guest, nor ends of pairs. */
const links = async (): Promise<string[]> => {
  const [found] = await playground.host.guest.facts.inspect([{ op: 'list', path: '/sys/class/net' }]);
  return (found?.names ?? []).filter((name) => /^(d[mi]-|par0|br-)/.test(name)).sort();
};
const address = async (link: string): Promise<string> => {
  const [found] = await playground.host.guest.facts.inspect([{ op: 'read', path: `/sys/class/net/${link}/address` }]);
  return found?.text.trim() ?? '';
};

test('containers on a macvlan network without a parent reach each other by name alone; its dummy goes with it, not before', async () => {
  const id = (await run('docker network create -d macvlan quiet')).trim();
  const dummy = `dm-${id.slice(0, 12)}`;
  expect(await links()).toEqual([dummy, 'par0']);
  await run('docker run -d --name left --network quiet busybox sleep 1000; docker run -d --name right --network quiet busybox sleep 1000');
  expect(await run('docker exec left ping -c1 -W20 right')).toContain(' 0% packet loss');
  expect(await run('docker exec left ip route')).toBe('172.18.0.0/16 dev eth0 scope link  src 172.18.0.1 \n');
  await expect(run('docker network rm quiet')).rejects.toThrow('network quiet has active endpoints');
  expect(await links()).toEqual([dummy, 'par0']);
  await run('docker network disconnect quiet left');
  expect(await run('docker exec left ls /sys/class/net')).toBe('lo\n');
  await run('docker network connect quiet left');
  expect(await run('docker exec right ping -c1 -W20 left')).toContain(' 0% packet loss');
  await run('docker rm -f left right; docker network rm quiet');
  expect(await links()).toEqual(['par0']);
});

test('ipvlan has its parent’s MAC; in mode l3 a default route without a gateway, which comes back when a bridge is left', async () => {
  await run('docker network create -d ipvlan -o parent=par0.10 -o ipvlan_mode=l3 --ipv6 --subnet 10.94.0.0/24 --subnet fd00:94::/64 zone');
  expect(await links()).toEqual(['par0', 'par0.10']);
  await run('docker run -d --name left --network zone busybox sleep 1000; docker run -d --name right --network zone busybox sleep 1000');
  expect(await run('docker exec left cat /sys/class/net/eth0/address')).toBe(`${await address('par0')}\n`);
  expect(await run(`docker inspect -f '{{json (index .NetworkSettings.Networks "zone").MacAddress}}' left`)).toBe('""\n');
  expect(await run('docker exec left ping -c1 -W20 10.94.0.2; docker exec left ping -6 -c1 -W20 right')).toMatch(
    / 0% packet loss[^]* 0% packet loss/,
  );
  const routes = async () => (await run('docker exec left ip route; docker exec left ip -6 route')).match(/default .*/g);
  const own = ['default dev eth0 scope link ', expect.stringMatching(/default dev eth0 +metric/)];
  expect(await routes()).toEqual(own);
  await run('docker network create --ipv6 aside; docker network connect --gw-priority 1 aside left');
  expect(await routes()).toEqual([expect.stringContaining('via 172.18.0.1 dev eth1'), expect.stringContaining('dev eth1')]);
  await run('docker network disconnect aside left');
  expect(await routes()).toEqual(own);
  await run('docker rm -f left right; docker network rm zone aside');
  expect(await links()).toEqual(['par0']);
});

test('an interface that the kernel refuses fails the start in Docker’s words, and leaves nothing', async () => {
  await run(
    'docker network create -d macvlan -o parent=par0 -o macvlan_mode=passthru alone; docker network create -d ipvlan -o parent=par0 too',
  );
  await run(
    'docker run -d --name first --network alone busybox sleep 1000; docker create --name second --network alone busybox sleep 1000',
  );
  const refused = 'failed to set up container networking: failed to create the macvlan port: invalid argument';
  await expect(run('docker start second')).rejects.toThrow(refused);
  expect(await run("docker inspect -f '{{.State.Status}} {{.State.ExitCode}}' second")).toBe('created 128\n');
  // The kernel lets an interface have one of the two.
  await expect(run('docker run --rm --network too busybox true')).rejects.toThrow(
    'failed to create the ipvlan port: device or resource busy',
  );
  await run('docker run -d --name third busybox sleep 1000');
  await expect(run('docker network connect alone third')).rejects.toThrow('failed to create the macvlan port: invalid argument');
  expect(await run('docker exec third ls /sys/class/net')).toBe('eth0\nlo\n');
  await run('docker rm -f first; docker start second; docker exec second ip link show eth0');
  await run('docker rm -f second third; docker network rm alone too');
});

test('a hundred networks made and removed at once leave no interface', async () => {
  const { networks } = playground.host.backend;
  const one = async (index: number): Promise<void> => {
    const Driver = index % 2 === 0 ? 'macvlan' : 'ipvlan';
    const Options: Record<string, string> = index % 3 === 0 ? { parent: `par0.${index + 1}` } : {};
    // Of their own, so that the default pools have room.
    const IPAM = { Config: [{ Subnet: `10.200.${index}.0/24` }] };
    await networks.create(createNetworkSchema.parse({ Name: `net${index}`, Driver, Options, IPAM }));
    await networks.remove(`net${index}`);
  };
  await Promise.all(Array.from({ length: 100 }, (_, index) => one(index)));
  expect(await links()).toEqual(['par0']);
});

test('a checkpoint brings back IPv6 and macvlan: addresses, rules, names and interfaces, and what was made later is gone', async () => {
  await run('docker network create --ipv6 --subnet fd00:1::/64 six; docker network create -d macvlan -o parent=par0.7 upon');
  await run(
    `docker run -d --name server --network six --ip6 fd00:1::9 -p 8080:80 busybox sh -c 'while true; do nc -l -p 80 -e echo here; done'`,
  );
  await run('docker network connect upon server');
  await run('docker run -d --name near --network six busybox sleep 1000; docker run -d --name peer --network upon busybox sleep 1000');
  const state = () =>
    run(
      'docker exec server ip addr; docker exec server ip route; docker exec server ip -6 route; docker inspect -f "{{json .NetworkSettings}}" server; docker network inspect -f "{{json .IPAM}} {{json .Options}}" six upon',
    );
  const before = await state();
  const linksBefore = await links();
  const checkpoint = await playground.lifecycle.checkpoint();
  await run('docker rm -f server near peer; docker network rm six upon; docker network create -d macvlan later');
  await playground.lifecycle.restore({ state: checkpoint.state, engine: JSON.parse(JSON.stringify(checkpoint.engine)) });
  checkpoint.dispose();
  expect(await state()).toBe(before);
  expect(before).toMatch(/inet6 fd00:1::9\/64[^]*default via fd00:1::1/);
  expect(await links()).toEqual(linksBefore);
  const reached = (line: string) => expect.poll(() => run(`${line} </dev/null 2>/dev/null || true`), patient).toBe('here\n');
  // By name and address, and by the rules of the published port.
  await reached('docker exec -i near nc -w 3 server 80');
  await reached('docker run --rm -i --network host busybox nc -w 3 fd00:1::1 8080');
  expect(await run('docker exec near nslookup -type=aaaa server')).toContain('Address: fd00:1::9');
  expect(await run('docker exec peer ping -c1 -W20 server')).toContain(' 0% packet loss');
  await run('docker run --rm --network six --ip6 fd00:1::77 busybox true');
  await expect(run('docker run --rm --network six --ip6 fd00:1::9 busybox true')).rejects.toThrow('Address already in use');
  await run('docker rm -f server near peer; docker network rm six upon');
  expect(await links()).toEqual(['par0']);
});
