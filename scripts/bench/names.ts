import { createNodePlayground } from '../../src/worker/node/playground.ts';
import type { LocalPlayground } from '../../src/worker/playground.ts';
import { untilAtRest } from './at-rest.ts';
import { median, round, type Figure } from './figure.ts';
import { openShell, type Shell } from './shell.ts';

const megabytes = 32;
/** Asks by one socket, so that what is counted is the query and its answer, with some 10 000 instructions of Python for each. */
const asks = `import socket, sys
query = bytes.fromhex("123401000001000000000000") + b"\\x06server\\0\\0\\1\\0\\1"
asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asker.connect(("127.0.0.11", 53))
for _ in range(int(sys.argv[1])):
    asker.send(query)
    asker.recv(512)
`;

/** What a network of the user's costs a start, an answer of Docker's DNS, and how fast containers talk to each other. */
export async function* nameFigures(): AsyncGenerator<Figure> {
  const playground = await createNodePlayground();
  const shell = await openShell(playground);
  await shell.run('docker network create net; docker network create --ipv6 six; docker network create -d macvlan upon');
  yield* startFigures(playground, shell);
  await shell.run('docker run -d --name server --network net busybox sleep 100000');
  yield await answerFigure(shell);
  yield await throughputFigure(shell);
  await playground.dispose();
}

const kinds = ['plain', 'named', 'ipv6', 'macvlan'] as const;
const networkOf = { plain: '', named: '--network net', ipv6: '--network six', macvlan: '--network upon' };

async function* startFigures({ host: { machine } }: LocalPlayground, shell: Shell): AsyncGenerator<Figure> {
  const counts: Record<(typeof kinds)[number], number[]> = { plain: [], named: [], ipv6: [], macvlan: [] };
  for (let round_ = 0; round_ < 7; round_++)
    for (const kind of kinds) {
      await untilAtRest(machine);
      counts[kind].push((await shell.run(`docker run --rm ${networkOf[kind]} busybox true`)).instructions);
    }
  const of = (kind: (typeof kinds)[number]): number => median(counts[kind].slice(2));
  const over = (kind: 'named' | 'ipv6' | 'macvlan', what: string): Figure => ({
    figure: `docker run --rm busybox true with ${what} over the plain one, guest at rest`,
    value: round(of(kind) / of('plain')),
    unit: 'ratio of guest instructions',
    plainMillions: round(of('plain') / 1e6),
    [`${kind}Millions`]: round(of(kind) / 1e6),
  });
  yield { ...over('named', 'a user network'), target: 1.5 };
  yield over('ipv6', 'a user network with IPv6');
  yield over('macvlan', 'a macvlan network');
}

async function answerFigure(shell: Shell): Promise<Figure> {
  await shell.run(`docker run -d --name asker --network net python:3.11-slim sleep 100000`);
  const program = `import base64; exec(base64.b64decode("${Buffer.from(asks).toString('base64')}"))`;
  const ask = (times: number) => shell.run(`docker exec asker python3 -c '${program}' ${times}`);
  for (let warm = 0; warm < 3; warm++) await ask(100);
  const [none, many] = [await ask(0), await ask(500)];
  return {
    figure: 'an answer of Docker’s DNS to a program in a container',
    value: round((many.instructions - none.instructions) / 500, 0),
    unit: 'guest instructions',
    milliseconds: round((many.milliseconds - none.milliseconds) / 500, 3),
  };
}

async function throughputFigure(shell: Shell): Promise<Figure> {
  await shell.run("docker exec -d server sh -c 'while :; do nc -l -p 9 > /dev/null; done'");
  const send = () =>
    shell.run(`docker run --rm --network net busybox sh -c 'dd if=/dev/zero bs=64k count=${megabytes * 16} 2>/dev/null | nc server 9'`);
  await send();
  const { milliseconds } = await send();
  return {
    figure: 'container to container by TCP, by name',
    value: round(megabytes / (milliseconds / 1000)),
    unit: 'MB/s',
    megabytes,
  };
}
