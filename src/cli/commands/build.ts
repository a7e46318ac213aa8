import { utf8 } from '../../base/bytes.ts';
import { ownValue } from '../../base/record.ts';
import type { ByteSource } from '../../base/streams.ts';
import { fullString, parseReference, withDefaultTag } from '../../grammar/reference.ts';
import { readAnswer } from '../build/answer.ts';
import { buildFlags, type BuildFlags } from '../build/build-flags.ts';
import { callOf, printAnswer, type Call } from '../build/call.ts';
import type { Display } from '../build/display.ts';
import { localBuild, readInput, textBuild } from '../build/local-context.ts';
import { namesOf, outputsOf, pushedNames, receiverOf, type Output } from '../build/outputs.ts';
import { pushImages } from '../build/push-images.ts';
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import { PlainDisplay } from '../build/plain.ts';
import { QuietDisplay } from '../build/quiet.ts';
import { RawJsonDisplay } from '../build/raw-json.ts';
import { secretsHeader } from '../build/secrets.ts';
import { failedLogs, sourceExcerpt, warningsText } from '../build/summary.ts';
import { TerminalDisplay } from '../build/terminal.ts';
import { registryConfig } from '../client/registry-auth.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { writeJson } from '../json.ts';
import { lastUlimits } from '../flags/container-values.ts';
import { partial } from '../flags/support.ts';

export const build: Command = {
  use: 'build [OPTIONS] PATH | URL | -',
  short: 'Build an image from a Dockerfile',
  long: 'Start a build',
  spellings: 'docker build, docker builder build, docker image build, docker buildx b',
  arity: { rule: 'exactly', count: 1 },
  plugin: 'docker buildx',
  support: partial('contexts from folders and archives'),
  setup(flags) {
    const given = buildFlags(flags);
    return (context, [where = '']) => run(context, given, where);
  },
};

interface Sent {
  readonly archive: ByteSource;
  /** In the archive. */
  readonly dockerfile: string;
  /** null: it is in an archive that the caller gave. */
  readonly text: string | null;
}

async function run(context: CliContext, flags: BuildFlags, where: string): Promise<number> {
  checkPlatforms(flags.platforms.value);
  checkCaches(flags);
  const call = callOf(flags);
  const outputs = await outputsOf(context.session, flags.outputs.value, { loads: flags.load.value, pushes: flags.push.value });
  const pushed = pushedNames(flags.tags.value, outputs);
  if (flags.idFile.value !== '' && outputs.some(({ type }) => type === 'local' || type === 'tar'))
    throw new StatusError(1, 'ERROR: local and tar exporters are incompatible with image ID file');
  const display = displayOf(context, flags);
  const secrets = await secretsHeader(context.session, flags.secrets.value);
  const sent = await archiveOf(context, flags, where);
  const named = flags.file.value === '' || flags.file.value === '-' ? 'Dockerfile' : flags.file.value;
  await display.begin();
  const heard = (message: TraceMessage): Promise<void> => display.hear(message);
  let refusal = '';
  const outcome = await readAnswer(await answer(context, flags, { ...sent, secrets }, { outputs, call: call.name }), {
    heard,
    receiver(output) {
      const destination = outputs[output]?.destination ?? null;
      if (destination === null) throw new StatusError(1, 'ERROR: failed to build: the engine sent an output that nobody asked for');
      return receiverOf(context.session, destination, context.now());
    },
  })
    .then(async (ended) => {
      if (ended.failure === null && ended.answer === null) refusal = await pushImages(context, pushed, heard);
      return ended;
    })
    .finally(() => display.end());
  const { id, answer: told, failure } = outcome;
  const isQuiet = modeOf(context, flags) === 'quiet';
  const below = failure === null && refusal === '' ? '' : failedLogs(display.vertices);
  await context.err(below + (isQuiet ? '' : warningsText(display.vertices)));
  if (told !== null) {
    if (flags.quiet.value) await context.out('\n');
    return printAnswer(context, call, { answer: told, filename: named, text: sent.text });
  }
  if (refusal !== '') throw new StatusError(1, `ERROR: failed to build: ${refusal}`);
  if (failure === null) return done(context, flags, id);
  const excerpt = failure.lines === null || sent.text === null ? '' : sourceExcerpt(named, sent.text, failure.lines);
  throw new StatusError(1, `${excerpt}ERROR: failed to build: failed to solve: ${failure.message}`);
}

function checkPlatforms(platforms: readonly string[]): void {
  const asked = platforms
    .flatMap((each) => each.split(','))
    .filter((each) => each !== '' && !['linux', 'linux/386', 'linux/i386'].includes(each));
  if (asked.length === 0) return;
  throw new StatusError(
    1,
    `ERROR: failed to build: this machine is emulated as linux/386 and builds for no other platform (${asked.join(', ')})`,
  );
}

function checkCaches({ noCache, noCacheFilter }: BuildFlags): void {
  if (!noCache.value || noCacheFilter.value.length === 0) return;
  throw new StatusError(1, 'ERROR: failed to build: --no-cache and --no-cache-filter cannot currently be used together');
}

async function archiveOf({ session }: CliContext, { file }: BuildFlags, where: string): Promise<Sent> {
  if (/^(?:https?:\/\/|git@|git:\/\/|github\.com\/)/.test(where))
    throw new StatusError(
      1,
      `ERROR: failed to build: unable to load ${where}: contexts are not fetched yet; clone or download it, and give the folder`,
    );
  if (where !== '-') {
    const given = file.value === '-' ? await inputText(session) : null;
    return localBuild(session, where, given === null ? file.value : '', given);
  }
  if (file.value === '-')
    throw new StatusError(1, "ERROR: failed to build: invalid argument: can't use stdin for both build context and dockerfile");
  const input = await readInput(session);
  if ('archive' in input) return { archive: input.archive, dockerfile: file.value === '' ? 'Dockerfile' : file.value, text: null };
  return textBuild(input.text);
}

async function inputText(session: CliContext['session']): Promise<string> {
  const input = await readInput(session);
  if ('text' in input) return input.text;
  input.archive.cancel();
  throw new StatusError(1, 'ERROR: failed to build: ambiguous Dockerfile source: both stdin and flag correspond to Dockerfiles');
}

async function answer(
  context: CliContext,
  flags: BuildFlags,
  { archive, dockerfile, secrets }: Sent & { readonly secrets: string | null },
  { outputs, call }: { readonly outputs: readonly Output[]; readonly call: Call['name'] },
): Promise<ByteSource> {
  const { client, session } = context;
  const { buildArgs, cgroupParent, labels, hosts, network, noCache, noCacheFilter, pull, shmSize, tags, target, ulimits } = flags;
  const names = namesOf(tags.value, outputs);
  for (const tag of names) parseReference(tag);
  const pairs = (list: readonly string[], valueOf: (name: string) => string | null): Readonly<Record<string, string | null>> =>
    Object.fromEntries(
      list.map((each) => {
        const at = each.indexOf('=');
        return at < 0 ? [each, valueOf(each)] : [each.slice(0, at), each.slice(at + 1)];
      }),
    );
  return client.stream('POST', '/build', {
    query: {
      version: '2',
      dockerfile,
      t: names,
      call: call === 'build' ? undefined : call,
      outputs: JSON.stringify(outputs.map(({ type }) => ({ Type: type }))),
      buildargs: JSON.stringify(pairs(buildArgs.value, (name) => ownValue(session.env, name) ?? null)),
      labels: JSON.stringify(pairs(labels.value, () => '')),
      target: target.value || undefined,
      networkmode: network.value,
      nocache: noCache.value ? '1' : undefined,
      pull: pull.value ? '1' : undefined,
      nocachefilter: noCacheFilter.value.flatMap((each) => each.split(',')),
      cgroupparent: cgroupParent.value || undefined,
      ulimits: ulimits.value.length > 0 ? writeJson(lastUlimits(ulimits.value)) : undefined,
      shmsize: shmSize.value > 0 ? String(shmSize.value) : undefined,
      extrahosts: hosts.value.flatMap((each) => each.split(',')),
    },
    headers: {
      'content-type': 'application/x-tar',
      ...(await registryConfig(context)),
      ...(secrets === null ? {} : { 'x-build-secrets': secrets }),
    },
    stream: archive,
  });
}

type Mode = 'plain' | 'quiet' | 'rawjson' | 'tty';

function modeOf({ session }: CliContext, { progress, quiet }: BuildFlags): Mode {
  if (quiet.value) return 'quiet';
  switch (progress.value) {
    case 'auto':
    case '':
      return session.stderr.isTty && session.terminal !== null ? 'tty' : 'plain';
    case 'none':
    case 'quiet':
      return 'quiet';
    case 'plain':
    case 'rawjson':
      return progress.value;
    case 'tty':
      if (session.stderr.isTty && session.terminal !== null) return 'tty';
      throw new StatusError(1, 'ERROR: failed to build: failed to get console: provided file is not a console');
    default:
      throw new StatusError(1, `ERROR: invalid progress mode ${progress.value}`);
  }
}

function displayOf(context: CliContext, flags: BuildFlags): Display {
  const print = (text: string): Promise<void> => context.err(text);
  const now = (): number => context.now();
  switch (modeOf(context, flags)) {
    case 'plain':
      return new PlainDisplay({ print, now });
    case 'rawjson':
      return new RawJsonDisplay(print);
    case 'quiet':
      return new QuietDisplay();
    case 'tty':
      return new TerminalDisplay({ print, now, size: () => context.session.terminal?.size() ?? { rows: 24, columns: 80 } });
  }
}

async function done(context: CliContext, { idFile, metadataFile, quiet, tags }: BuildFlags, id: string): Promise<number> {
  const { session } = context;
  if (idFile.value !== '') await session.writeFile(idFile.value, utf8(id));
  if (metadataFile.value !== '') {
    const names = tags.value.map((tag) => fullString(withDefaultTag(parseReference(tag))));
    const metadata = {
      ...(id === '' ? {} : { 'containerimage.config.digest': id, 'containerimage.digest': id }),
      ...(names.length > 0 ? { 'image.name': names.join(',') } : {}),
    };
    await session.writeFile(metadataFile.value, utf8(JSON.stringify(metadata, null, 2)));
  }
  if (quiet.value) await context.out(`${id}\n`);
  return 0;
}
