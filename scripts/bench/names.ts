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
  await shell.run('docker network create net');
  yield await startFigure(playground, shell);
  await shell.run('docker run -d --name server --network net busybox sleep 100000');
  yield await answerFigure(shell);
  yield await throughputFigure(shell);
  await playground.dispose();
}

async function startFigure({ host: { machine } }: LocalPlayground, shell: Shell): Promise<Figure> {
  const lines = { plain: 'docker run --rm busybox true', named: 'docker run --rm --network net busybox true' };
  const counts: { plain: number[]; named: number[] } = { plain: [], named: [] };
  for (let round_ = 0; round_ < 7; round_++)
    for (const kind of ['plain', 'named'] as const) {
      await untilAtRest(machine);
      counts[kind].push((await shell.run(lines[kind])).instructions);
    }
  const [plain, named] = [median(counts.plain.slice(2)), median(counts.named.slice(2))];
  return {
    figure: 'docker run --rm busybox true with a user network over the plain one, guest at rest',
    value: round(named / plain),
    unit: 'ratio of guest instructions',
    target: 1.5,
    plainMillions: round(plain / 1e6),
    namedMillions: round(named / 1e6),
  };
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
