/** A process of its own that gives our client hostile words, files and answers; its parent ends it should it hang. Prints what it came through. */
import { utf8 } from '../../../src/base/bytes.ts';
import { sourceOf } from '../../../src/base/streams.ts';
import { docker } from '../../../src/cli/testing/fake-session.ts';
import type { HttpHandler } from '../../../src/protocol/http.ts';

const size = 100_000;
const long = (piece: string): string => piece.repeat(Math.ceil(size / piece.length));

/** Each is one flag's value or one word, far longer than any that is meant. */
const texts = [
  'a',
  '1',
  '-',
  '.',
  ':',
  '/',
  ',',
  '=',
  '"',
  ' ',
  '\t',
  '0',
  '9',
  '_',
  '[',
  'a.',
  'a-',
  '1:',
  'a=',
  ',a=b',
  'a,',
  '::',
  '1h',
  'ctrl-a,',
  '0x',
  '1_',
  '1/',
  '{{',
  '{{.',
  '((',
  '\n',
  '\ufeff',
  '%',
  '\\',
  '\0',
  'é',
  '😀',
].map(long);

const flags = [
  '--memory',
  '--cpus',
  '--cpu-shares',
  '--shm-size',
  '--ulimit=nofile',
  '--network',
  '--mount',
  '--volume',
  '--env',
  '--label',
  '--sysctl',
  '--dns',
  '--dns-search',
  '--add-host',
  '--device',
  '--restart',
  '--security-opt',
  '--tmpfs',
  '--expose',
  '--mac-address',
  '--cap-add',
  '--attach',
  '--env-file',
  '--label-file',
  '--platform',
  '--annotation',
  '--log-opt',
  '--stop-timeout',
  '--pids-limit',
  '--detach-keys',
  '--hostname',
  '--user',
  '--name',
];

const words: readonly (readonly string[])[] = [
  ['pull'],
  ['inspect', '-f'],
  ['ps', '--format'],
  ['ps', '-f'],
  ['ps', '-n'],
  ['logs', '-n'],
  ['logs', '--since'],
  ['events', '--since'],
  ['port', 'web'],
  ['tag', 'a'],
  ['images'],
  ['stop', '-t'],
  ['kill', '-s'],
  ['rm'],
  [],
  ['help'],
  ['-H'],
  ['--log-level'],
];

const refusing: HttpHandler = async () => ({
  status: 404,
  headers: { 'content-type': 'application/json' },
  body: utf8('{"message":"no"}'),
});

/** Answers that no engine gives. */
const answers = [
  '{',
  '[',
  '"',
  '[[',
  '{"a":',
  ']',
  '}',
  '\\',
  '1',
  '-',
  '1e9',
  ' ',
  '\n',
  '{"Id":"a"},',
  'null',
  '\0',
  '\x01\0\0\0\xff\xff\xff\xff',
  '\x03\0\0\0\xff\xff\xff\xff',
  '\x03\0\0\0\x7f\xff\xff\xff',
].map(long);
const asking: readonly (readonly string[])[] = [
  ['ps', '-a'],
  ['ps', '--format', '{{json .}}'],
  ['images'],
  ['inspect', 'x'],
  ['inspect', '-f', '{{json .}}', 'x'],
  ['logs', 'x'],
  ['pull', 'x'],
  ['events'],
  ['stats', '--no-stream'],
  ['info'],
  ['version'],
  ['network', 'ls'],
  ['system', 'df'],
  ['top', 'x'],
  ['history', 'x'],
  ['wait', 'x'],
  ['exec', 'x', 'a'],
  ['run', 'x'],
  ['attach', 'x'],
  ['diff', 'x'],
  ['port', 'x'],
  ['rmi', 'x'],
  ['container', 'prune', '-f'],
  ['update', '-m', '7m', 'x'],
];

/** What JavaScript says, and Docker never does. */
const leaks =
  /Maximum call stack|Invalid (?:time|array|string|count|code point|RegExp)|cannot be converted|URI malformed|Infinity|is not (?:a function|iterable|defined)|Cannot (?:read|convert|mix)|undefined|\[object|NaN|RangeError|TypeError|SyntaxError/;

const files = new Map(texts.map((text) => [text, text]));

async function attack(engine: HttpHandler, args: readonly string[]): Promise<void> {
  const { status, stdout, stderr } = await docker(engine, args, { stdin: 'y\n', files });
  const leak = leaks.exec(stderr.slice(0, 4096)) ?? leaks.exec(stdout.slice(0, 4096));
  const shown = args.map((word) => word.slice(0, 20)).join(' ');
  if (leak !== null) process.stdout.write(`leak: ${shown}: ${stderr.slice(0, 200)}${stdout.slice(0, 100)}\n`);
  if (!Number.isInteger(status)) process.stdout.write(`no status: ${shown}\n`);
}

let count = 0;
let slowest = { milliseconds: 0, of: '' };
async function timed(of: string, work: () => Promise<void>): Promise<void> {
  const start = performance.now();
  await work();
  const milliseconds = Math.round(performance.now() - start);
  if (milliseconds > slowest.milliseconds) slowest = { milliseconds, of };
  count++;
}

for (const text of texts) {
  for (const flag of flags) {
    const given = flag.includes('=') ? [`${flag}=${text}`] : [flag, text];
    await timed(`create ${flag} ${text.slice(0, 10)}`, () => attack(refusing, ['create', ...given, 'busybox']));
  }
  for (const before of words) await timed(`${before.join(' ')} ${text.slice(0, 10)}`, () => attack(refusing, [...before, text]));
  await timed(`create --env-file of ${text.slice(0, 10)}`, () => attack(refusing, ['create', '--env-file', text, 'busybox']));
}
await timed('many words', () => attack(refusing, ['rm', ...long('a').split('').slice(0, 20_000)]));
await timed('many flags', () =>
  attack(refusing, [
    'create',
    ...long('-e')
      .split('e')
      .flatMap(() => ['-e', 'A']),
    'busybox',
  ]),
);
/** Well-formed objects with members that fit nothing. */
const members = [
  'Id ID Created CreatedAt Size SizeRw SizeRootFs SharedSize VirtualSize Containers State Status Ports Labels Names Image ImageID Command Mounts NetworkSettings RepoTags RepoDigests',
  'Tags CreatedBy Comment time timeNano Action Type Actor status id progressDetail current total read cpu_stats memory_stats pids_stats networks blkio_stats usage limit LayersSize Images',
  'Volumes BuildCache UsageData RefCount Titles Processes StatusCode Error Kind Path Warnings MemTotal NCPU ContainersDeleted SpaceReclaimed ImagesDeleted Deleted ExitCode Running Tty',
  'HostConfig Config Env Memory PrivatePort PublicPort IP Name Driver IPAM Components Details Platform Version Plugins Runtimes Swarm SystemTime',
].flatMap((line) => line.split(' '));
const oddities = [
  '1e999',
  '-1e999',
  '1e308',
  '9'.repeat(400),
  '-1',
  '0.5',
  '"\\ud800"',
  '"1e999"',
  '"\\u0000\\u001b[2J"',
  'null',
  '[]',
  '{}',
  'true',
  '[[]]',
  '[null]',
  '[{}]',
  '{"":null}',
  '[1e308,-5,"x"]',
  '{"__proto__":1}',
  '"9999-99-99T99:99:99Z"',
];
for (const odd of oddities) {
  const object = `{${members.map((member) => `"${member}":${odd}`).join(',')}}`;
  const nested = `{${members.map((member) => `"${member}":${object}`).join(',')}}`;
  for (const text of [object, `[${object}]`, nested, `[${nested},${object}]`, odd])
    for (const args of asking)
      await timed(`${args.join(' ')} answered ${odd.slice(0, 10)}`, () =>
        attack(async () => ({ status: 200, headers: { 'content-type': 'application/json' }, body: utf8(text) }), args),
      );
}
for (const text of answers) {
  for (const args of asking) {
    await timed(`${args.join(' ')} answered ${JSON.stringify(text.slice(0, 10))}`, () =>
      attack(
        async () => ({
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: utf8(text),
        }),
        args,
      ),
    );
    await timed(`${args.join(' ')} streamed ${JSON.stringify(text.slice(0, 10))}`, () =>
      attack(async (request) => {
        if (/\/(?:logs|attach|start)/.test(request.target))
          return {
            status: 101,
            headers: { 'content-type': 'application/vnd.docker.multiplexed-stream' },
            body: sourceOf(Uint8Array.from(text, (character) => character.charCodeAt(0))),
            hijack: async ({ sink }) => {
              await sink.write(Uint8Array.from(text, (character) => character.charCodeAt(0))).catch(() => undefined);
              await sink.close().catch(() => undefined);
            },
          };
        return {
          status: 200,
          headers: { 'content-type': 'application/json' },
          body: utf8('{"Id":"x","State":{"Running":true,"Status":"running"}}'),
        };
      }, args),
    );
  }
}
process.stdout.write(`${count} attacks, slowest ${slowest.milliseconds} ms: ${slowest.of}\n`);
