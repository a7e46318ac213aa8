import { fork } from 'node:child_process';
import { createConnection } from 'node:net';
import { resolve } from 'node:path';
import { nextMessage, startEngineProcess, type EngineProcess } from './engine-process.ts';
import { round, type Figure } from './figure.ts';

const megabyte = 1024 * 1024;

/** The engine under attack, and a client of it. */
interface Target extends EngineProcess {
  raw(bytes: string): Promise<string>;
}

const query = (filters: unknown): string => encodeURIComponent(JSON.stringify(filters));

/** What each attacker does; what the engine answers is the tests' business. */
const attacks: Readonly<Record<string, (target: Target) => Promise<unknown>>> = {
  'a header of 60 000 blanks': ({ raw }) =>
    raw(`GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\nA: b${' '.repeat(60_000)}c\r\n\r\n`),
  'a name filter (a+)+$': ({ send }) => send('GET', `/containers/json?all=1&filters=${query({ name: ['(a+)+$', '(a|a)*b$'] })}`),
  'a thousand name filters': ({ send }) =>
    send('GET', `/containers/json?all=1&filters=${query({ name: Array.from({ length: 1000 }, (_, at) => `^${at}[ab]{500}`) })}`),
  'an image pattern of six *a': ({ send }) =>
    send('GET', `/images/json?filters=${query({ reference: [`${'*a'.repeat(6)}*b`, `${'*'.repeat(4000)}b`] })}`),
  'the columns of a command line of empty arguments': async ({ send }) => {
    await send('POST', '/containers/attacked/start');
    await send('GET', '/containers/attacked/top?ps_args=aux');
  },
  "a template '{{range 5000000}}{{end}}', typed": ({ type }) => type("docker ps --format '{{range 5000000}}{{end}}'"),
  '800 requests with queries of 500 kB': async ({ send }) => {
    for (let count = 0; count < 800; count += 1) await send('GET', `/_ping?${count}=${'x'.repeat(500_000)}`);
  },
  'a log of 16 MB of lines "y", written and read': async ({ send }) => {
    await send('POST', '/containers/create?name=yes', { Image: 'busybox', Cmd: ['sh', '-c', 'yes | head -c 16000000'] });
    await send('POST', '/containers/yes/start');
    await send('POST', '/containers/yes/wait');
    await send('GET', '/containers/yes/logs?stdout=1');
  },
};

/** For each attack the longest that a second client waited for an answer to /_ping meanwhile, and the memory that the engine keeps afterwards. */
export async function* attackFigures(): AsyncGenerator<Figure> {
  const engine = await startEngineProcess();
  const target: Target = { ...engine, raw: (bytes) => raw(engine.socketPath, bytes) };
  try {
    await target.send('POST', '/images/create?fromImage=busybox&tag=latest');
    await target.send('POST', `/containers/create?name=${'a'.repeat(60)}_`, { Image: 'busybox' });
    const empty = Array.from({ length: 5000 }, () => '');
    await target.send('POST', '/containers/create?name=attacked', { Image: 'busybox', Cmd: ['sh', '-c', 'sleep 1000', ...empty, 'x'] });
    let before = await target.memory();
    for (const [name, attack] of Object.entries(attacks)) {
      let milliseconds = 0;
      const longest = await longestPing(engine.socketPath, async () => {
        const started = performance.now();
        await attack(target);
        milliseconds = performance.now() - started;
      });
      const after = await target.memory();
      yield {
        figure: `longest wait of a second client during ${name}`,
        value: round(longest, 1),
        unit: 'ms',
        attackMilliseconds: round(milliseconds, 0),
        heapKeptMB: round((after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers) / megabyte, 1),
        rssMB: round(after.rss / megabyte, 0),
        requestLogMB: round(after.logBytes / megabyte, 2),
      };
      before = after;
    }
  } finally {
    await engine.stop();
  }
}

function raw(socketPath: string, bytes: string): Promise<string> {
  return new Promise((done, failed) => {
    const connection = createConnection(socketPath, () => connection.write(bytes));
    let text = '';
    connection.on('data', (chunk) => (text += chunk.toString('latin1')));
    connection.on('end', () => done(text));
    connection.on('error', failed);
  });
}

/** Another process pings, one after the other, from before the attack until it is over. */
async function longestPing(socketPath: string, attack: () => Promise<unknown>): Promise<number> {
  const pinger = fork(resolve(import.meta.dirname, 'pinger.ts'), [socketPath], { execArgv: ['--import', 'tsx'] });
  await nextMessage(pinger);
  const answer = nextMessage(pinger);
  answer.catch(() => undefined);
  await attack().finally(() => pinger.send('over'));
  const told = await answer;
  if (typeof told === 'object' && told !== null && 'longest' in told && typeof told.longest === 'number') return told.longest;
  throw new Error(`the second client: ${JSON.stringify(told)}`);
}
