import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createNodePlayground } from '../../../src/worker/node/playground.ts';
import { directWay } from '../../../src/worker/node/outside/direct.ts';
import type { LocalPlayground } from '../../../src/worker/playground.ts';
import { certificate, privateKey } from '../../support/test-certificate.ts';
import { zipOf } from '../../support/zip.ts';

const servers: (Server | TcpServer)[] = [];
let [http, https, resetting, shut] = [0, 0, 0, 0];
let playground: LocalPlayground;

const wheel = zipOf({
  'maple.py': 'leaf = "red"\n',
  'maple-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: maple\nVersion: 1.0\n',
  'maple-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
  'maple-1.0.dist-info/RECORD': 'maple.py,,\nmaple-1.0.dist-info/METADATA,,\nmaple-1.0.dist-info/WHEEL,,\nmaple-1.0.dist-info/RECORD,,\n',
});
const file = 'maple-1.0-py3-none-any.whl';

const answer: RequestListener = ({ url }, response) => {
  switch (url) {
    case '/simple/maple/':
      return response.setHeader('content-type', 'text/html').end(`<a href="/files/${file}">${file}</a>`);
    case `/files/${file}`:
      return response.end(wheel);
    case '/page':
      return response.end('a page\n');
    case '/moved':
      return response.writeHead(302, { location: '/page' }).end();
    case '/drops':
      return drip(response, [...'drops\n']);
    case '/cut':
      return response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    case '/silent':
      return;
    default:
      return response.writeHead(404).end('no such page\n');
  }
};

function drip(response: Parameters<RequestListener>[1], [first, ...rest]: readonly string[]): void {
  if (first === undefined) response.end();
  else response.write(first, () => setTimeout(() => drip(response, rest), 50));
}

async function listen(server: Server | TcpServer): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function openConnections(): Promise<number> {
  const counted = servers.map((server) => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count))));
  return (await Promise.all(counted)).reduce((sum, count) => sum + count, 0);
}

beforeAll(async () => {
  http = await listen(createServer(answer));
  https = await listen(createTlsServer({ key: privateKey, cert: certificate }, answer));
  resetting = await listen(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())));
  // A port that was somebody's a moment ago is nobody's now.
  const closed = createTcpServer();
  shut = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  servers.pop();
  const allowed = ['web.test', 'tls.test', 'pypi.test'].map((host) => ({ host, port: null }));
  const lookUp = (name: string): Promise<string[]> => {
    if (name === 'meta.test') return Promise.resolve(['169.254.169.254']);
    if (allowed.some(({ host }) => host === name)) return Promise.resolve(['127.0.0.1']);
    return Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));
  };
  playground = await createNodePlayground({ outside: [directWay({ allowed, lookUp })] });
  await playground.files.write([{ path: '/tmp/ca.pem', bytes: new TextEncoder().encode(certificate), mode: 0o644 }]);
  await run('docker pull -q busybox; docker pull -q python:3.11-slim; docker run -d --name py python:3.11-slim sleep 1000000');
});
afterAll(async () => {
  await playground.dispose();
  for (const server of servers) {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  }
});

/** What it says on both, and then its exit status. */
async function run(line: string): Promise<string> {
  const { stdout, stderr } = await playground.lines.run(`${line} 2>&1; echo "=$?"`, { id: line });
  return stdout + stderr;
}
/** Nothing goes on, whichever side gave up. */
const nothingIsOpen = () => expect.poll(openConnections).toBe(0);
/** A TLS handshake in an emulated machine, and python's pip for the first time, take their time. */
const patience = 900_000;

test(
  'curl in the guest’s shell and on the host’s network of a container ends as on any host, with its own exit status',
  async () => {
    const curl = (words: string): Promise<string> => run(`curl -sS -m 120 ${words}`);
    expect(await curl(`http://web.test:${http}/page`)).toBe('a page\n=0\n');
    expect(await curl(`-L http://web.test:${http}/moved`)).toBe('a page\n=0\n');
    expect(await curl(`http://web.test:${http}/drops`)).toBe('drops\n=0\n');
    expect(await curl(`-f http://web.test:${http}/none`)).toMatch(/^curl: \(22\) The requested URL returned error: 404\n=22\n$/);
    expect(await curl('http://nosuch.test/')).toBe('curl: (6) Could not resolve host: nosuch.test\n=6\n');
    for (const refused of [`http://web.test:${shut}/`, 'http://meta.test/', `http://web.test:${resetting}/`])
      expect(await curl(refused)).toBe('curl: (56) Recv failure: Connection reset by peer\n=56\n');
    expect(await curl(`-m 2 http://web.test:${http}/silent`)).toMatch(
      /^curl: \(28\) Operation timed out after \d+ milliseconds with 0 bytes received\n=28\n$/,
    );
    expect(await curl(`http://web.test:${http}/cut`)).toMatch(/\(18\) transfer closed with 96 bytes remaining to read\nhalf=18\n$/);
    const trusting = '--cacert /tmp/ca.pem';
    expect(await curl(`${trusting} https://tls.test:${https}/page`)).toBe('a page\n=0\n');
    expect(await curl(`${trusting} https://web.test:${https}/page`)).toMatch(
      /^curl: \(60\) SSL: no alternative certificate subject name [^]*=60\n$/,
    );
    expect(await curl(`${trusting} https://web.test:${http}/page`)).toMatch(/^curl: \(35\) [^]*wrong version number\n=35\n$/);
    const onHost = 'docker run --rm --network host -v /:/host busybox chroot /host curl -sS -m 120';
    expect(await run(`${onHost} http://web.test:${http}/page`)).toBe('a page\n=0\n');
    expect(await run(`${onHost} http://web.test:${shut}/`)).toBe('curl: (56) Recv failure: Connection reset by peer\n=56\n');
    await nothingIsOpen();
  },
  patience,
);

test(
  'wget of the guest’s shell and of a container has the page, or says in a line why not',
  async () => {
    // A first process of a container would not hear of `timeout`'s signal: it has an init.
    for (const wget of ['wget -qO-', 'docker run --rm --init busybox wget -qO-']) {
      expect(await run(`${wget} http://web.test:${http}/moved`)).toBe('a page\n=0\n');
      expect(await run(`${wget} http://web.test:${http}/none`)).toBe('wget: server returned error: HTTP/1.1 404 Not Found\n=1\n');
      expect(await run(`${wget} http://nosuch.test/`)).toBe("wget: bad address 'nosuch.test'\n=1\n");
      expect(await run(`${wget} http://web.test:${shut}/`)).toBe('wget: error getting response: Connection reset by peer\n=1\n');
      expect(await run(wget.replace('wget', 'timeout 2 wget') + ` http://web.test:${http}/silent`)).toMatch(/=143\n$/);
      expect(await run(`${wget} http://web.test:${http}/cut`)).toMatch(/=1\n$/);
    }
    await nothingIsOpen();
  },
  patience,
);

test(
  'pip installs from an index outside, and says what it did not find or could not reach',
  async () => {
    const pip = (words: string): Promise<string> =>
      run(
        `docker exec py python -m pip install --disable-pip-version-check --no-cache-dir --root-user-action ignore --retries 0 --timeout 60 --trusted-host pypi.test ${words}`,
      );
    const index = (port: number): string => `--index-url http://pypi.test:${port}/simple`;
    expect(await pip(`${index(http)} maple`)).toMatch(/\nSuccessfully installed maple-1.0\n=0\n$/);
    expect(await run('docker exec py python -c "import maple; print(maple.leaf)"')).toBe('red\n=0\n');
    expect(await pip(`${index(http)} nosuch`)).toMatch(/ERROR: No matching distribution found for nosuch\n=1\n$/);
    expect(await pip(`${index(shut)} birch`)).toMatch(/ERROR: No matching distribution found for birch\n=1\n$/);
    await nothingIsOpen();
  },
  patience,
);
