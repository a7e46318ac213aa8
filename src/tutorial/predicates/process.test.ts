import { expect, test } from 'vitest';
import { needsPolling } from '../check/evaluate.ts';
import type { Observation } from '../check/observation.ts';
import { predicate } from '../format/predicate.ts';
import { check as checkAny, sentence as sentenceOf } from '../testing/check.ts';
import { readerOf, sceneFact } from '../testing/facts.ts';

interface Sketch {
  readonly name?: string;
  readonly parent?: number;
  readonly tty?: number;
  readonly cgroup?: string;
  readonly uts?: string;
  readonly hostname?: string;
  /** More files below /proc/PID. */
  readonly more?: Readonly<Record<string, string>>;
}

/** Of the host: process 1, kthreadd, and the sketched ones. */
function hostOf(processes: Readonly<Record<number, Sketch>>): Observation {
  const files: Record<string, string> = { 'process:1:/proc/sys/kernel/hostname': 'drydock' };
  const add = (pid: number, { name = 'sh', parent = 1, tty = 34817, cgroup = '/', uts = '1', hostname = 'drydock', more = {} }: Sketch) => {
    const own = {
      stat: `${pid} (${name}) S ${parent} 1 1 ${tty} 1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${pid * 10} 0`,
      status: `Name:\t${name}\nUid:\t1000\t1000\t1000\t1000\nNSpid:\t${pid}\t1\n`,
      cgroup: `0::${cgroup}\n`,
      'ns/uts': `-> uts:[${uts}]`,
      ...more,
    };
    for (const [file, text] of Object.entries(own)) {
      files[`guest:/proc/${pid}/${file}`] = text;
      files[`process:${pid}:/proc/self/${file}`] = text;
    }
    files[`process:${pid}:/proc/sys/kernel/hostname`] = hostname;
  };
  add(1, { name: 'docker-init', parent: 0, tty: 0, more: { mountinfo: '1 1 0:14 / / rw - tmpfs tmpfs rw\n' } });
  add(2, { name: 'kthreadd', parent: 0, tty: 0, uts: '9' });
  for (const [pid, sketch] of Object.entries(processes)) add(Number(pid), sketch);
  return sceneFact({ guest: readerOf(files) });
}

const check = (asked: unknown, scene: Observation) => checkAny({ process: asked }, scene);
const sentence = (asked: unknown, scene: Observation): Promise<string> => sentenceOf({ process: asked }, scene);

const apart = { tty: true, namespaces: { uts: { 'differs-from': 'host' } }, hostname: 'maple' };

test('one that the learner started is found by its name spaces and what it sees there', async () => {
  const host = hostOf({ 40: {}, 41: { uts: '5', hostname: 'maple' } });
  expect((await check(apart, host)).failing).toBeNull();
  expect((await check(apart, host)).standing).toBe('41 410');
});

test('the one that comes nearest is told of, and what it lacks', async () => {
  expect(await sentence(apart, hostOf({ 40: {} }))).toBe('Your sh comes nearest, but its host name is drydock, not maple.');
  expect(await sentence({ namespaces: { uts: { 'differs-from': 'host' } } }, hostOf({ 40: {} }))).toBe(
    'Your sh comes nearest, but its uts namespace is that of the host.',
  );
  expect(await sentence(apart, hostOf({ 40: { hostname: 'maple' } }))).toContain('its uts namespace is that of the host');
  expect(await sentence(apart, hostOf({ 40: { uts: '5', tty: 0, hostname: 'maple' } }))).toBe(
    'There is no process with a terminal outside of the containers.',
  );
});

test("threads of the kernel, the agent and what runs in containers of the engine are not the learner's", async () => {
  const anybody = { hostname: 'drydock' };
  expect((await check(anybody, hostOf({}))).ok).toBe(false);
  expect((await check(anybody, hostOf({ 7: { parent: 2, tty: 0 } }))).ok).toBe(false);
  expect((await check(anybody, hostOf({ 7: { cgroup: '/docker/abc' } }))).ok).toBe(false);
  expect((await check(anybody, hostOf({ 7: { cgroup: '/dockery' } }))).ok).toBe(true);
});

const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.9.0.0
        /24 link UNICAST
     |-- 10.9.0.2
        /32 host LOCAL
Local:
     |-- 10.9.0.2
        /32 host LOCAL
     |-- 10.9.0.255
        /32 link BROADCAST
`;
const inside: Sketch = {
  more: {
    'net/dev': 'Inter-|   Receive\n face |bytes\n    lo: 0 0\n  eth1: 84 1\n',
    'net/fib_trie': trie,
    'net/snmp': 'Ip: A B\nIp: 1 2\nIcmp: InMsgs InErrors InEchos\nIcmp: 3 0 2\nIcmpMsg: InType8\nIcmpMsg: 2\n',
    uid_map: '         0       1000          1\n',
    root: '-> /lab/rootfs',
    cgroup: '0::/lab\n',
    mountinfo:
      '41 32 0:20 / / rw - overlay overlay rw,lowerdir=/lab/rootfs,upperdir=/lab/my\\040upper\n51 41 0:23 / /proc rw - proc proc rw\n',
  },
};

test.each<[string, unknown]>([
  ['interfaces', { links: { contains: 'eth1' } }],
  ['all of them', { links: 'lo eth1' }],
  ['addresses that are up', { addresses: '10.9.0.2' }],
  ['pings', { pinged: { 'at-least': 2 } }],
  ['the user here and there', { uid: 1000, uidInside: 0 }],
  ['the root directory', { root: '/lab/rootfs' }],
  ['that the host is out of sight', { hostRoot: false }],
  ['an overlay and its folders', { mounts: { '/': { type: 'overlay', values: { lowerdir: '/lab/rootfs', upperdir: '/lab/my upper' } } } }],
  ['a mount of its own', { mounts: { '/proc': { device: '0:23' } } }],
])('the kernel says of a process: %s', async (_, asked) => {
  expect(await sentence(asked, hostOf({ 40: inside }))).toBe('ok');
  expect(await sentence(asked, hostOf({ 40: {} }))).not.toBe('ok');
});

test('what is not so is told in words', async () => {
  const host = hostOf({ 40: inside });
  expect(await sentence({ links: 'lo' }, host)).toBe('Your sh comes nearest, but its list of network interfaces is lo eth1, not lo.');
  expect(await sentence({ hostRoot: true }, host)).toBe('Your sh comes nearest, but it has no root file system among its mounts.');
  expect(await sentence({ mounts: { '/': { values: { upperdir: '/x' } } } }, host)).toBe(
    'Your sh comes nearest, but its upperdir of the mount at / is /lab/my upper, not /x.',
  );
  expect(await sentence({ mounts: { '/data': { type: 'tmpfs' } } }, host)).toBe(
    'Your sh comes nearest, but it has no type of the mount at /data.',
  );
  const seeing = hostOf({ 40: { more: { mountinfo: '1 1 0:14 / /old rw - tmpfs tmpfs rw\n' } } });
  expect(await sentence({ hostRoot: false }, seeing)).toBe(
    "Your sh comes nearest, but it has the host's root file system among its mounts.",
  );
});

test('only asking again can tell that it changed', () => {
  expect(needsPolling(predicate().parse({ process: { comm: 'sh' } }))).toBe(true);
});
