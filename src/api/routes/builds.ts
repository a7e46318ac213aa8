import { AppError } from '../../base/errors.ts';
import { decodeJson } from '../../protocol/json-body.ts';
import { hostConfigSchema, type HostConfig } from '../../protocol/engine-api.ts';
import type { BuildBackend, BuildOptions, Filters } from '../backend.ts';
import { classicAnswer, tracedAnswer } from '../build-answer.ts';
import { isAtLeast, type Call } from '../call.ts';
import { parseFilters } from '../filters.ts';
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
    route('POST', '/build/prune', (call) => {
      const keeps = spaces.map((name) => checkedSpace(call, name));
      const filters = cacheFilters(call.query.text('filters'));
      const all = call.query.flag('all');
      return Promise.resolve(json(builds.prune({ all, filters, keeps: Math.max(keeps[0] ?? 0, keeps[1] ?? 0) })));
    }),
  ];
}

/** 1: as the classic builder tells it; 2: as BuildKit does. @throws AppError invalid in moby's words (build_routes.go) */
function builderVersion({ query }: Call): 1 | 2 {
  const text = query.text('version');
  if (text === '' || text === '1') return 1;
  if (text === '2') return 2;
  throw new AppError('invalid', `invalid version ${text}`);
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
    labels: new Map(Object.entries(object(query.text('labels'), 'error reading labels')).flatMap(([name, value]) => pair(name, value))),
    target: query.text('target'),
    uncached: query.flag('nocache') ? 'all' : [],
    pulls: query.flag('pull'),
    platform: query.text('platform'),
    network: query.text('networkmode'),
    host: hostOf(call),
    isSerial: version === 1,
    signal: request.signal,
  };
}

function pair(name: string, value: unknown): readonly (readonly [string, string])[] {
  return typeof value === 'string' ? [[name, value]] : [];
}

/** One without a value is not given. */
function givenArguments({ query }: Call): ReadonlyMap<string, string> {
  const given = object(query.text('buildargs'), 'error reading build args');
  return new Map(Object.entries(given).flatMap(([name, value]) => pair(name, value)));
}

/** @throws AppError invalid */
function object(text: string, what: string): Readonly<Record<string, unknown>> {
  if (text === '') return {};
  try {
    const value = decodeJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  } catch (thrown) {
    throw new AppError('invalid', `${what}: ${String(thrown)}`, { cause: thrown });
  }
  throw new AppError('invalid', `${what}: json: cannot unmarshal into Go value of type map[string]*string`);
}

/** What `docker run` takes under other names. @throws AppError invalid */
function hostOf({ query }: Call): Partial<HostConfig> {
  const ulimits = query.text('ulimits');
  const extra = query.texts('extrahosts').flatMap((text) => text.split(','));
  const integer = (name: string): number => query.integer(name) ?? 0;
  const given = {
    ...(extra.length > 0 ? { ExtraHosts: extra.filter((each) => each !== '') } : {}),
    ...(integer('shmsize') > 0 ? { ShmSize: integer('shmsize') } : {}),
    ...(ulimits === '' ? {} : { Ulimits: Object.values(object(`{"ulimits":${ulimits}}`, 'error reading ulimit settings')).flat() }),
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

function cacheFilters(text: string): Filters {
  const given = parseFilters(text);
  const unknown = Object.keys(given).find((name) => !knownFilters.includes(name));
  if (unknown !== undefined) throw new AppError('invalid', `failed to prune build cache: invalid filter '${unknown}'`);
  return given;
}
