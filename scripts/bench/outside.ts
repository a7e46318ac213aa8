import { createServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { createNodePlayground } from '../../src/worker/node/playground.ts';
import { directWay } from '../../src/worker/node/outside/direct.ts';
import { untilAtRest } from './at-rest.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell, type Shell } from './shell.ts';

const megabytes = 32;
const requests = 100;
/** In pieces that a program of today writes: what busybox writes a kilobyte at a time measures busybox. */
const carry = `import socket, sys, time
way, port, megabytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
peer = socket.create_connection(("host.docker.internal", port))
started = time.time()
if way == "to":
    for _ in range(megabytes * 16):
        peer.sendall(bytes(62500))
    peer.shutdown(socket.SHUT_WR)
else:
    peer.sendall(b"GET /much HTTP/1.0\\r\\n\\r\\n")
while peer.recv(262144):
    pass
print("seconds", time.time() - started)
`;

/** What a container gets from a server outside, and what the way out costs a boot. */
export async function* outsideFigures(): AsyncGenerator<Figure> {
  const download = await listening(
    createHttpServer((request, response) => response.end(request.url === '/much' ? Buffer.alloc(megabytes * 1e6) : 'x'.repeat(1024))),
  );
  const upload = await listening(
    createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.resume().on('end', () => socket.end());
    }),
  );
  const allowed = [{ host: 'host.docker.internal', port: null }];
  const playground = await createNodePlayground({ outside: [directWay({ allowed })] });
  const shell = await openShell(playground);
  await playground.files.write([{ path: '/tmp/carry.py', bytes: new TextEncoder().encode(carry), mode: 0o644 }]);
  await shell.run('docker run -d --name client busybox sleep 100000');
  await shell.run('docker run -d --name python -v /tmp/carry.py:/carry.py python:3.11-slim sleep 100000');
  const inClient = (line: string): string => `docker exec client sh -c '${line}'`;
  const url = (path: string): string => `http://host.docker.internal:${download.port}/${path}`;

  for (const [way, { port }] of [
    ['from', download],
    ['to', upload],
  ] as const) {
    const { output } = await shell.run(`docker exec python python3 /carry.py ${way} ${port} ${megabytes}`);
    const took = Number(/seconds (\d+\.\d+)/.exec(output)?.[1]);
    yield {
      figure: `python in a container and a server of this machine, one connection, ${way} it`,
      value: round(megabytes / took),
      unit: 'MB/s',
    };
  }
  const ask = `for i in $(seq ${requests}); do wget -qO /dev/null ${url('1k')}; done`;
  const empty = `for i in $(seq ${requests}); do true; done`;
  const took = (await seconds(shell, inClient(ask))) - (await seconds(shell, inClient(empty)));
  yield {
    figure: 'container to a server of this machine, 1 KB, a wget, a name and a connection for each',
    value: round(requests / took, 1),
    unit: 'requests/s',
  };

  const counts: number[] = [];
  for (let index = 0; index < 7; index += 1) {
    await untilAtRest(playground.host.machine);
    counts.push((await shell.run(inClient(`wget -qO /dev/null ${url('1k')}`))).instructions);
    await untilAtRest(playground.host.machine);
    counts[index] = (counts[index] ?? 0) - (await shell.run(inClient('wget -qO /dev/null http://127.0.0.1:1/ || true'))).instructions;
  }
  yield {
    figure: 'a request of 1 KB to a server outside, over one that is refused in the container',
    value: round(median(counts.slice(2)) / 1e6),
    unit: 'M guest instructions',
  };
  await playground.dispose();
  for (const { server } of [download, upload]) server.close();
}

async function seconds(shell: Shell, line: string): Promise<number> {
  const started = performance.now();
  await shell.run(line);
  return (performance.now() - started) / 1000;
}

async function listening<S extends Server>(server: S): Promise<{ readonly server: S; readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}
