import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { serve } from '../../../src/api/http1.ts';
import { commands, groups } from '../../../src/cli/commands/index.ts';
import { nameOf, type Command } from '../../../src/cli/command.ts';
import { FlagSet } from '../../../src/cli/flags/flag-set.ts';
import { supportTable } from '../../../src/cli/support-table.ts';
import { docker } from '../../../src/cli/testing/fake-session.ts';
import { listen } from '../../../src/worker/node/listen.ts';
import { cliEngine } from '../engine.ts';
import { words, type Outcome } from './cases.ts';
import { buildxConfig, isOfBuildx, requestsOf, spawnDocker, whyNoRealDocker } from './real-docker.ts';

/** What the completion of docker 28.2.2 says to a line. Made anew by UPDATE_GOLDENS=1 where that client is. */
const goldenFile = new URL('./complete-goldens.jsonl', import.meta.url);
const goldens = new Map<string, Outcome>(existsSync(goldenFile) ? readLines() : []);
const whyNot = whyNoRealDocker();
const updates = process.env['UPDATE_GOLDENS'] !== undefined && whyNot === null && buildxConfig !== undefined;

function readLines(): [string, Outcome][] {
  const lines = readFileSync(goldenFile, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** One container in each state, a link: what verbs choose among. */
const scenery = `
  tag busybox other:1
  run -d --name web busybox sleep
  run -d --name held busybox sleep
  pause held
  run --name old busybox echo
  create --name new busybox
  run -d --name linked --link web:friend busybox sleep
  network create front
  volume create data
`;

/** Those at the top and in `docker container` are the same declaration. */
const placed: readonly (readonly [string, Command])[] = [
  ...commands.map((command) => [nameOf(command), command] as const),
  ...groups.flatMap((group) =>
    group.commands
      .filter((command) => group.name !== 'container' || !commands.includes(command))
      .map((command) => [`${group.name} ${nameOf(command)}`, command] as const),
  ),
].filter(([, command]) => command.support.level !== 'none');

const ofCommands = placed.flatMap(([path, command]) => [
  `${path} ''`,
  `${path} w`,
  `${path} web ''`,
  `${path} web held ''`,
  `${path} -`,
  ...(path === 'create' ? [] : valueFlagsOf(command).map((flag) => `${path} --${flag} ''`)),
]);

function valueFlagsOf(command: Command): readonly string[] {
  const flags = new FlagSet();
  command.setup(flags);
  return flags.entries.filter((flag) => flag.bareValue === null && !flag.hidden && flag.support.level !== 'none').map(({ name }) => name);
}

const others = `
  ''
  ne
  -
  --h
  -D ''
  --host ''
  -H ''
  -c ''
  --context ''
  --log-level ''
  --log-level=d
  --config ''
  -D ps -
  -H tcp://127.0.0.1:1 rm ''
  -D network c
  foo ''
  foo
  help ''
  help net
  help network ''
  network ''
  network c
  network foo ''
  network -
  network --
  container ''
  container exec ''
  container logs w
  container rm --
  container top ''
  image ''
  image p
  system ''
  volume ''
  builder ''
  ps --foo ''
  ps --foo=
  ps --foo -
  ps --format=
  ps --fo
  ps -f
  ps -f ''
  ps -a -
  ps -af ''
  ps -q --all --
  ps -- -
  ps -aq
  ps -n x ''
  ps --help ''
  ps --help -
  ps --no-trunc=
  ps --no-trunc=tr
  rm -f ''
  network disconnect bridge ''
  ps -f a=b -
  run -p 80:80 --pub
  run --tmpfs /x --tmp
  run --ulimit nofile=1 --ul
  run --annotation a=b --ann
  run --blkio-weight-device /dev/sda:10 --blk
  run --sysctl a=b --sys
  volume create -o a=b --o
  network create --subnet 1.0.0.0/8 --s
  network create --aux-address a=1.1.1.1 --a
  network connect --alias a --al
  network connect --driver-opt a=b --dri
  rmi --platform linux/386 --pl
  -H x -
  -H x --hos
  help -
  network disconnect none ''
  rm -f web ''
  rm web -
  rm web --f
  run busybox -
  run busybox --
  run busybox --foo ''
  run busybox sh ''
  run -it ''
  run -it --na
  run -d=
  run -e FROM
  run -v
  run -v ''
  run --net
  run --net f
  run --memory x ''
  run --memory xx --
  run --rm -e a=b --env c=d --e
  run --cap-add N
  run --cap-drop=
  run --security-opt apparmor=
  run --security-opt label=
  run --security-opt label=d
  run --security-opt label=u
  run --security-opt label=disable
  run --security-opt seccomp=
  run --security-opt seccomp=u
  run --security-opt a
  run --security-opt apparmor
  run --security-opt l
  run --security-opt label
  run --security-opt label=disabled
  run --security-opt label=x
  run --security-opt s
  run --security-opt se
  run --security-opt seccomp
  run --security-opt seccomp=x
  run --security-opt sy
  run --security-opt n
  run --ipc con
  run --ipc container
  run --ipc container:
  run --ipc container:w
  run --ipc h
  run --pid container:
  run --pid h
  run --link web:
  run --log-driver json-file --log-opt ''
  run --log-driver local --log-opt c
  run --log-driver awslogs --log-opt ''
  run --log-driver fluentd --log-opt ''
  run --log-driver gelf --log-opt ''
  run --log-driver journald --log-opt ''
  run --log-driver none --log-opt ''
  run --log-driver splunk --log-opt ''
  run --log-driver syslog --log-opt ''
  run --log-driver gcplogs --log-opt ''
  run --log-driver x --log-opt ''
  run --log-driver json-file --log-opt mode=
  run --ulimit nofile=
  run --restart=on
  run --platform linux/a
  events -f c
  events -f container=
  events -f container=w
  events -f daemon=
  events -f event=
  events -f event=st
  events -f image=
  events -f label=
  events -f network=
  events -f node=
  events -f scope=
  events -f type=
  events -f volume=
  events -f foo=
  events --filter=type=c
  kill -s S
  kill -s=K
  kill --signal=K
  kill --signal KILL ''
  inspect --type container ''
  inspect --type image ''
  inspect --type network w
  inspect --type c
  tag busybox ''
  tag busybox other ''
  cp web:/
  top web ''
  system prune --filter ''
`
  .split('\n')
  .map((line) => line.trim())
  .filter((line) => line !== '');

const lines = [...new Set([...ofCommands, ...others])];
const argvOf = (line: string): readonly string[] => ['__complete', ...words(line)];

const known = new Map(supportTable().map((entry) => [`${entry.command} ${entry.flag}`.trim(), entry.level]));
/** Of plugins that are not here. */
const plugins = ['bake'];
/** What these complete to depends on the plugins of the client. */
const needsBuildx = (line: string): boolean => isOfBuildx(line) || /^(?:-D |builder |image )?''$/.test(line);

/** Candidates in the order of the alphabet, as shells show them (Go's maps give some in none), without those that our client does not have. */
function settled(line: string, outcome: Outcome): Outcome {
  const path = placed.map(([name]) => name).filter((name) => line.startsWith(`${name} `));
  const place = path.sort((a, b) => b.length - a.length)[0] ?? groups.find(({ name }) => line.startsWith(`${name} `))?.name ?? '';
  const sorted = outcome.stdout.split('\n').slice(0, -2).sort();
  const dropped = sorted.filter((candidate) => !isOurs(candidate.split('\t')[0] ?? '', place));
  // A letter goes with its flag.
  const meanings = new Set(dropped.map((candidate) => candidate.split('\t')[1]));
  const kept = sorted.filter(
    (candidate) => !dropped.includes(candidate) && !(/^-\w\t/.test(candidate) && meanings.has(candidate.split('\t')[1])),
  );
  const requests = outcome.requests.filter(({ target }) => target !== '/_ping');
  return { ...outcome, requests, stdout: [...kept, ...outcome.stdout.split('\n').slice(-2)].join('\n') };
}

function isOurs(candidate: string, place: string): boolean {
  if (place === '' && plugins.includes(candidate)) return false;
  const level = known.get(`docker ${place} ${candidate}`.replace('  ', ' '));
  if (level !== undefined) return level !== 'none';
  const group = place === '' ? groups.find(({ name }) => name === candidate) : undefined;
  return group === undefined || group.commands.some(({ support }) => support.level !== 'none');
}

async function engineWithScenery(): ReturnType<typeof cliEngine> {
  const engine = await cliEngine();
  for (const line of scenery.split('\n').filter((text) => text.trim() !== '')) {
    const { status, stderr } = await docker(engine.handler, words(line));
    if (status !== 0) throw new Error(`${line}: ${stderr}`);
  }
  return engine;
}

async function realServer(): Promise<{ ask(line: string): Promise<Outcome>; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'complete-'));
  const engine = await engineWithScenery();
  const socket = join(folder, 'docker.sock');
  const served = await listen({ kind: 'unix', path: socket }, (connection) =>
    serve(connection, engine.handler, { transport: 'unix', probeMilliseconds: 20 }),
  );
  return {
    async ask(line) {
      engine.requests.length = 0;
      const result = await spawnDocker(
        buildxConfig !== undefined && needsBuildx(line) ? { folder, socket, env: { DOCKER_CONFIG: buildxConfig } } : { folder, socket },
        argvOf(isOfBuildx(line) ? line.replace(/^.*?build /, 'buildx build ') : line),
        '',
      );
      return settled(line, { ...result, requests: requestsOf(engine) });
    },
    async close() {
      await served.close();
      rmSync(folder, { recursive: true });
    },
  };
}

const real = whyNot === null ? await realServer() : undefined;
const ours = await engineWithScenery();
afterAll(() => real?.close());

async function askOurs(line: string): Promise<Outcome> {
  ours.requests.length = 0;
  const result = await docker(ours.handler, argvOf(line), { env: { HOME: '/root', FROM_HERE: 'yes' }, stdin: '' });
  return settled(line, { ...result, requests: requestsOf(ours) });
}

/** The environment is that of each client's own process. */
function withoutEnvironment(line: string, outcome: Outcome): Outcome {
  if (!/ (?:-e|--env) [^ ]*$/.test(line)) return outcome;
  const isName = (candidate: string): boolean => /^[A-Z_]+$/.test(candidate);
  const kept = outcome.stdout.split('\n').filter((candidate) => !isName(candidate) || candidate === 'FROM_HERE');
  return { ...outcome, stdout: kept.join('\n') };
}

/** IDs differ from one engine to the next. */
function withoutIds(outcome: Outcome): Outcome {
  return JSON.parse(JSON.stringify(outcome).replaceAll(/\b[0-9a-f]{12,64}\b|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'));
}

const compared = (line: string, outcome: Outcome): Outcome => withoutIds(withoutEnvironment(line, outcome));

describe(`${lines.length} lines are completed as docker 28.2.2 completes them`, () => {
  for (const line of lines) {
    it(`docker ${line}<Tab>`, async () => {
      if (updates && real !== undefined && (process.env['UPDATE_GOLDENS'] === '1' || !goldens.has(line)))
        goldens.set(line, compared(line, await real.ask(line)));
      expect(goldens.get(line), 'no golden: run with UPDATE_GOLDENS=1').toBeDefined();
      expect(compared(line, await askOurs(line))).toEqual(goldens.get(line));
    });
  }

  if (updates)
    it('writes the goldens', () => {
      writeFileSync(goldenFile, `${lines.map((line) => JSON.stringify([line, goldens.get(line)])).join('\n')}\n`);
    });
});

describe('the goldens are what docker 28.2.2 still does', () => {
  it.skipIf(whyNot !== null)(
    `for a sample of the lines${whyNot === null ? '' : ` (skipped: ${whyNot})`}`,
    async () => {
      for (const line of lines.filter((each, index) => index % 25 === 0 && (buildxConfig !== undefined || !needsBuildx(each))))
        expect(compared(line, (await real?.ask(line)) ?? Object(null)), line).toEqual(goldens.get(line));
    },
    60_000,
  );
});

describe('completion', () => {
  const ask = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<typeof docker> =>
    docker(ours.handler, argv, { env, stdin: '' });

  it('of __completeNoDesc has no descriptions', async () => {
    const { stdout } = await ask(['__completeNoDesc', 'ne']);
    expect(stdout).toBe('network\n:4\n');
  });

  it('without a word to complete is refused, as by docker', async () => {
    expect(await ask(['__complete'])).toEqual({ status: 1, stdout: '', stderr: 'requires at least 1 arg(s), only received 0\n' });
  });

  it('gives the IDs of containers, too, where DOCKER_COMPLETION_SHOW_CONTAINER_IDS says so', async () => {
    const { stdout } = await ask(['__complete', 'unpause', ''], { DOCKER_COMPLETION_SHOW_CONTAINER_IDS: 'yes' });
    expect(stdout).toMatch(/^[0-9a-f]{64}\nheld\n:4\n$/);
  });

  it('takes a line of hostile words without end', async () => {
    const { status, stdout } = await ask([
      '__complete',
      ...Array.from({ length: 20_000 }, (_, index) => `--${'x'.repeat(index % 50)}`),
      '-',
    ]);
    expect([status, stdout]).toEqual([0, ':0\n']);
  });
});
