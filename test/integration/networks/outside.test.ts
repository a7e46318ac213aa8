import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutsideEntry } from '../../../src/protocol/log.ts';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import { directWay } from '../../../src/worker/node/outside/direct.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';

let server: Server;
let port: number;
let playground: LocalPlayground;

const addresses: Readonly<Record<string, string>> = { 'web.test': '127.0.0.1', 'meta.test': '169.254.169.254' };
const lookUp = (name: string): Promise<string[]> => {
  const address = addresses[name];
  return address === undefined ? Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' })) : Promise.resolve([address]);
};

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/open') response.writeHead(200).write('begun\n');
    else response.end(`${request.headers.host} ${request.url}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  const allowed = ['web.test', 'host.docker.internal'].map((host) => ({ host, port }));
  playground = await createNodePlayground({ outside: [directWay({ allowed, lookUp })] });
  await run('docker pull -q busybox; docker network create net; docker network create --internal closed');
});
afterAll(async () => {
  await playground.dispose();
  server.closeAllConnections();
  server.close();
});

async function run(line: string): Promise<string> {
  const { stdout, stderr } = await playground.lines.run(line, { id: line });
  return stdout + stderr;
}
const entries = (): OutsideEntry[] => playground.host.log.since(0).flatMap((entry) => (entry.kind === 'outside' ? [entry] : []));
const get = (path: string, name = 'web.test'): string => `wget -qO- http://${name}:${port}${path}`;
const inBusybox = (options: string, script: string): Promise<string> => run(`docker run --rm ${options} busybox sh -c '${script}'`);

test('a server outside is reached from the guest’s shell and from containers on the default bridge, the host’s network and one’s own', async () => {
  expect(await run(get('/shell'))).toBe(`web.test:${port} /shell\n`);
  expect(await run(get('/self', 'host.docker.internal'))).toBe(`host.docker.internal:${port} /self\n`);
  for (const options of ['--name plain', '--network host', '--network net --name joined', '--dns 9.9.9.9'])
    expect(await inBusybox(options, get('/in')), options).toBe(`web.test:${port} /in\n`);
  expect(await run('ip -o route')).toContain('default via 100.64.0.1 dev eth0');
  expect(entries().filter(({ by }) => by === 'direct')).toHaveLength(6);
  expect(entries()[0]).toMatchObject({ name: 'web.test', port, by: 'direct', problem: null, container: null });
  const names = entries().map(({ container }) => container?.name ?? null);
  expect([names.slice(2, 5), names[5] === null]).toEqual([['plain', null, 'joined'], false]);
});

test('an internal network reaches nothing outside, and Docker’s own chains decide of the others', async () => {
  const before = entries().length;
  const inside = await inBusybox('--network closed', `${get('/in')}; nc -w 3 198.18.0.1 ${port} </dev/null; true`);
  expect(inside).toContain('bad address');
  expect(inside).toContain('Network is unreachable');
  // With a route of its own making it comes as far as the guest.
  const route = 'ip route add default via $(ip -o -4 a show eth0 | sed "s/.*inet //; s/\\.[0-9]*\\/.*/.1/")';
  expect(
    await run(
      `docker run --rm --cap-add NET_ADMIN --network closed busybox sh -c '${route} && ip r; nc -w 3 198.18.0.1 ${port} </dev/null; echo $?'`,
    ),
  ).toMatch(/default via 172[^]*\n1\n/);
  const { firewall } = playground.host.guest;
  const blocked = await firewall.add([{ family: 'ip', table: 'filter', words: `-A DOCKER-USER -p tcp -m tcp --dport ${port} -j DROP` }]);
  expect(await inBusybox('', `nc -w 3 web.test ${port} </dev/null; echo $?`)).toMatch(/^1\n/);
  await firewall.remove(blocked);
  expect(entries()).toHaveLength(before);
});

test('python sees errors as on any host, at once: no such name, refused, reset, a port of UDP that nobody has', async () => {
  const script = [
    'import socket, urllib.request as r',
    'def t(f):',
    ' try: print(f())',
    ' except OSError as e: print(e)',
    `t(lambda: r.urlopen("http://web.test:${port}/py").read().decode().strip())`,
    't(lambda: r.urlopen("http://nosuch.test/"))',
    't(lambda: r.urlopen("http://meta.test/"))',
    't(lambda: r.urlopen("http://nosuch/"))',
    's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(60); s.connect(("1.2.3.4", 99)); s.send(b"x")',
    't(lambda: s.recv(9))',
    't(lambda: socket.gethostbyaddr("198.18.0.1")[0])',
  ];
  await playground.files.write([{ path: '/tmp/outside.py', bytes: new TextEncoder().encode(script.join('\n')), mode: 0o644 }]);
  const said = await run('docker run --rm -v /tmp/outside.py:/o.py python:3.11-slim python3 /o.py 2>/dev/null');
  expect(said.trim().split('\n')).toEqual([
    `web.test:${port} /py`,
    '<urlopen error [Errno -2] Name or service not known>',
    expect.stringContaining('[Errno 104] Connection reset by peer'),
    '<urlopen error [Errno -2] Name or service not known>',
    '[Errno 111] Connection refused',
    'web.test',
  ]);
  expect(entries().find(({ name }) => name === 'meta.test')?.problem).toContain('--allow-host lets containers reach it');
});

test('back at a checkpoint what was under way is reset, and the way out is there', async () => {
  await run(`${get('/open')} >/tmp/open 2>&1 & until grep -q begun /tmp/open; do sleep 0.1; done`);
  const checkpoint = await playground.lifecycle.checkpoint();
  await playground.lifecycle.restore(checkpoint);
  checkpoint.dispose();
  await run('while pidof wget; do sleep 0.1; done');
  expect(await run(get('/again'))).toBe(`web.test:${port} /again\n`);
  expect(await inBusybox('--network net', get('/in'))).toBe(`web.test:${port} /in\n`);
});
