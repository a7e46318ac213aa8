import { AppError, toAppError } from '../../base/errors.ts';
import { ownValue } from '../../base/record.ts';
import type { BuildOutput } from '../../protocol/build-progress.ts';
import { decodeJson } from '../../protocol/json-body.ts';
import { NumberLiteral } from '../../protocol/engine-api/go-values.ts';
import { decodeBase64, decodeBase64Bytes } from '../../grammar/base64.ts';
import { hostConfigSchema, type HostConfig } from '../../protocol/engine-api.ts';
import type { BuildBackend, BuildOptions, Filters } from '../backend.ts';
import { classicAnswer, tracedAnswer } from '../build-answer.ts';
import { isAtLeast, type Call } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { requestAuths } from '../registry-auth.ts';
import { json, stream } from '../respond.ts';
import { route, type Route } from '../route.ts';

export function buildRoutes(builds: BuildBackend): readonly Route[] {
  return [
    /** @docker rest "POST /build" partial */
    route('POST', '/build', async (call) => {
      const version = builderVersion(call);
      checkRemote(call);
      const options = buildOptions(call, version);
      const messages = builds.build(options, call.request.body);
      return stream(version === 1 ? await classicAnswer(messages, { isQuiet: call.query.flag('q') }) : tracedAnswer(messages));
    }),

    /** @docker rest "POST /build/prune" full */
    route('POST', '/build/prune', async (call) => {
      const keeps = spaces.map((name) => checkedSpace(call, name));
      const filters = cacheFilters(call.query.text('filters'));
      const all = call.query.flag('all');
      return json(await builds.prune({ all, filters, keeps: Math.max(keeps[0] ?? 0, keeps[1] ?? 0) }));
    }),
  ];
}

/** 1: as the classic builder tells it; 2: as BuildKit does. @throws AppError invalid in moby's words (build_routes.go) */
function builderVersion({ query }: Call): 1 | 2 {
  const text = query.text('version');
  if (text === '' || text === '1') return 1;
  if (text === '2') return 2;
  throw new AppError('invalid', `invalid version ${JSON.stringify(text)}`);
}

/** @throws AppError unavailable */
function checkRemote({ query }: Call): void {
  const remote = query.text('remote');
  if (remote === '') return;
  if (remote === 'client-session') throw new AppError('not_implemented', "BuildKit's sessions are not part of this playground yet");
  throw new AppError(
    'unavailable',
    `unable to download remote context ${remote}: the engine has no network of its own; send the context itself`,
  );
}

function buildOptions(call: Call, version: 1 | 2): BuildOptions {
  const { query, request } = call;
  return {
    names: query.texts('t'),
    dockerfile: query.text('dockerfile') === '' ? 'Dockerfile' : query.text('dockerfile'),
    buildArgs: givenArguments(call),
    labels: givenTexts(query.text('labels'), { what: 'error reading labels', type: 'map[string]string' }),
    target: query.text('target'),
    uncached: query.flag('nocache') ? 'all' : query.texts('nocachefilter'),
    pulls: query.flag('pull'),
    platform: query.text('platform'),
    network: query.text('networkmode'),
    host: hostOf(call),
    auths: requestAuths(request),
    secrets: givenSecrets(call),
    call: callOf(query.text('call'), version),
    outputs: outputsOf(query.text('outputs'), version),
    isSerial: version === 1,
    signal: request.signal,
  };
}

/** @throws AppError invalid */
function callOf(text: string, version: 1 | 2): BuildOptions['call'] {
  if (text === '' || text === 'build') return 'build';
  if (version === 2 && (text === 'check' || text === 'targets')) return text;
  throw new AppError('invalid', `unsupported request frontend.${text}`);
}

/** By what moby and BuildKit call them. */
const outputTypes: Readonly<Record<string, BuildOutput>> = {
  moby: 'image',
  image: 'image',
  cacheonly: 'none',
  local: 'local',
  tar: 'tar',
  docker: 'docker',
  oci: 'oci',
};

/** Outputs of one build; more than anybody asks for. */
const mostOutputs = 32;

/** @param text JSON, `[{"Type": "tar"}]`; '' is an image @throws AppError invalid */
function outputsOf(text: string, version: 1 | 2): readonly BuildOutput[] {
  const wanted = { what: 'error reading outputs', type: '[]backend.BuildOutput' };
  const given = text === '' || version === 1 ? null : decoded(text, wanted);
  if (given === null) return ['image'];
  if (!Array.isArray(given)) throw mistaken(given, wanted, 'value', wanted.type);
  if (given.length > mostOutputs) throw new AppError('invalid', `${wanted.what}: more than ${mostOutputs} outputs`);
  return given.map((each: unknown) => {
    if (kindOf(each) !== 'object' || each === null) throw mistaken(each, wanted, 'value', 'backend.BuildOutput');
    const type = ownValue(each as Readonly<Record<string, unknown>>, 'Type') ?? '';
    if (typeof type !== 'string') throw mistaken(type, wanted, 'struct field BuildOutput.Type', 'string');
    const known = ownValue(outputTypes, type);
    if (known === undefined) throw new AppError('invalid', `exporter ${JSON.stringify(type)} could not be found`);
    return known;
  });
}

/** One without a value is not given. */
function givenArguments({ query }: Call): ReadonlyMap<string, string> {
  return givenTexts(query.text('buildargs'), { what: 'error reading build args', type: 'map[string]*string' });
}

interface Wanted {
  /** What moby says before what is wrong. */
  readonly what: string;
  /** Go's. */
  readonly type: string;
}

/** @throws AppError invalid */
function givenTexts(text: string, wanted: Wanted): ReadonlyMap<string, string> {
  const value = text === '' ? {} : decoded(text, wanted);
  if (value === null) return new Map();
  if (kindOf(value) !== 'object') throw mistaken(value, wanted, 'value', wanted.type);
  const given = new Map<string, string>();
  for (const [name, member] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    if (typeof member === 'string') given.set(name, member);
    else if (member !== null) throw mistaken(member, wanted, `struct field .${name}`, 'string');
  }
  return given;
}

/** Ours, in place of a session: base64 of a JSON object, IDs to contents in base64. @throws AppError invalid */
function givenSecrets({ request }: Call): ReadonlyMap<string, Uint8Array> {
  const header = request.headers['x-build-secrets'];
  const given = header === undefined ? '' : decodeBase64(header);
  const texts = givenTexts(given, { what: 'error reading build secrets', type: 'map[string]string' });
  return new Map([...texts].map(([id, text]) => [id, decodeBase64Bytes(text)]));
}

/** @throws AppError invalid */
function givenUlimits(text: string): readonly unknown[] {
  const wanted = { what: 'error reading ulimit settings', type: '[]*units.Ulimit' };
  const value = text === '' ? [] : decoded(text, wanted);
  if (value !== null && !Array.isArray(value)) throw mistaken(value, wanted, 'value', wanted.type);
  return value ?? [];
}

/** @throws AppError invalid */
function decoded(text: string, { what }: Wanted): unknown {
  try {
    return decodeJson(text);
  } catch (thrown) {
    throw new AppError('invalid', `${what}: ${toAppError(thrown).message.replace(/^invalid JSON: /, '')}`, { cause: thrown });
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : value instanceof NumberLiteral ? 'number' : typeof value;
}

/** As Go's decoder says it. */
function mistaken(value: unknown, { what }: Wanted, where: string, type: string): AppError {
  return new AppError('invalid', `${what}: json: cannot unmarshal ${kindOf(value)} into Go ${where} of type ${type}`);
}

/** What `docker run` takes under other names. @throws AppError invalid */
function hostOf({ query }: Call): Partial<HostConfig> {
  const ulimits = givenUlimits(query.text('ulimits'));
  const extra = query.texts('extrahosts').flatMap((text) => text.split(','));
  const integer = (name: string): number => query.integer(name) ?? 0;
  const given = {
    ...(extra.length > 0 ? { ExtraHosts: extra.filter((each) => each !== '') } : {}),
    ...(integer('shmsize') > 0 ? { ShmSize: integer('shmsize') } : {}),
    ...(ulimits.length === 0 ? {} : { Ulimits: ulimits }),
    ...(query.text('cgroupparent') === '' ? {} : { CgroupParent: query.text('cgroupparent') }),
    ...(integer('memory') > 0 ? { Memory: integer('memory') } : {}),
    ...(integer('memswap') === 0 ? {} : { MemorySwap: integer('memswap') }),
    ...(integer('cpushares') > 0 ? { CpuShares: integer('cpushares') } : {}),
    ...(integer('cpuperiod') > 0 ? { CpuPeriod: integer('cpuperiod') } : {}),
    ...(integer('cpuquota') > 0 ? { CpuQuota: integer('cpuquota') } : {}),
  };
  const whole = hostConfigSchema.parse(given);
  const isGiven = (name: string): boolean => Object.hasOwn(given, name);
  return Object.fromEntries(Object.entries(whole).filter(([name]) => isGiven(name)));
}

/** How much of the cache stays; those but the first came with 1.48. */
const spaces = ['keep-storage', 'reserved-space', 'max-used-space', 'min-free-space'] as const;

/** @throws AppError invalid */
function checkedSpace(call: Call, name: (typeof spaces)[number]): number {
  if (name !== 'keep-storage' && !isAtLeast(call, '1.48')) return 0;
  try {
    return call.query.integer(name) ?? 0;
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    throw new AppError('invalid', `${name} is in bytes and expects an integer, got ${call.query.text(name)}: ${thrown.message}`);
  }
}

/** builder/builder-next, Prune. */
const knownFilters = 'unused-for until label label! id parent type description inuse shared private'.split(' ');

/** @throws AppError invalid in moby's words */
function cacheFilters(text: string): Filters {
  const given = parseFilters(text);
  const refused = (why: string): AppError => new AppError('invalid', `failed to prune build cache: ${why}`);
  const unknown = Object.keys(given).find((name) => !knownFilters.includes(name));
  if (unknown !== undefined) throw refused(`invalid filter '${unknown}'`);
  const count = (name: string): number => given[name]?.length ?? 0;
  if (count('until') > 0 && count('unused-for') > 0) throw refused('conflicting filters: "until" and "unused-for"');
  if (knownFilters.some((name) => !name.startsWith('label') && count(name) > 1)) throw refused('filters expect only one value');
  return given;
}
