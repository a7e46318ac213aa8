import { AppError } from '../../base/errors.ts';
import { apiVersion, type DiskUsage } from '../../protocol/engine-api.ts';
import type { SystemBackend } from '../backend.ts';
import { isAtLeast, type Call } from '../call.ts';
import { containerAnswer, imageAnswer, infoAnswer } from '../older-answers.ts';
import { parseFilters } from '../filters.ts';
import { json, text, type Reply } from '../respond.ts';
import { route, type Route } from '../route.ts';

const pingHeaders = {
  'api-version': apiVersion,
  'docker-experimental': 'false',
  ostype: 'linux',
  // 1: `docker build` uses POST /build where the client lets the engine choose.
  'builder-version': '1',
  swarm: 'inactive',
  'cache-control': 'no-cache, no-store, must-revalidate',
  pragma: 'no-cache',
};

export function systemRoutes(system: SystemBackend): readonly Route[] {
  return [
    /** @docker rest "GET /_ping" full */
    route('GET', '/_ping', () => Promise.resolve(text('OK', 200, pingHeaders))),

    /** @docker rest "HEAD /_ping" full */
    route('HEAD', '/_ping', () => Promise.resolve(headOnly())),

    /** @docker rest "GET /info" full */
    route('GET', '/info', async (call) => json(infoAnswer(call, await system.info()))),

    /** @docker rest "GET /version" full */
    route('GET', '/version', async () => json(await system.version())),

    /** @docker rest "POST /build/prune" partial */
    route('POST', '/build/prune', (call) => {
      for (const name of spaces) checkSpace(call, name);
      checkCacheFilters(call.query.text('filters'));
      return Promise.resolve(json(system.pruneBuildCache()));
    }),

    /** @docker rest "GET /system/df" full */
    route('GET', '/system/df', async (call) => {
      const types = isAtLeast(call, '1.42') ? call.query.texts('type') : [];
      const usage = await system.diskUsage();
      return json(
        onlyOf(types, {
          ...usage,
          Images: usage.Images.map((image) => imageAnswer(call, image)),
          Containers: usage.Containers.map((container) => containerAnswer(call, container)),
        }),
      );
    }),
  ];
}

/** How much of the cache stays; those but the first came with 1.48. */
const spaces = ['keep-storage', 'reserved-space', 'max-used-space', 'min-free-space'] as const;

/** @throws AppError invalid */
function checkSpace(call: Call, name: (typeof spaces)[number]): void {
  if (name !== 'keep-storage' && !isAtLeast(call, '1.48')) return;
  try {
    call.query.integer(name);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    throw new AppError('invalid', `${name} is in bytes and expects an integer, got ${call.query.text(name)}: ${thrown.message}`);
  }
}

/** builder/builder-next, Prune. */
const cacheFilters = 'unused-for until label label! id parent type description inuse shared private'.split(' ');

function checkCacheFilters(text: string): void {
  const unknown = Object.keys(parseFilters(text)).find((name) => !cacheFilters.includes(name));
  if (unknown !== undefined) throw new AppError('invalid', `failed to prune build cache: invalid filter '${unknown}'`);
}

const diskUsageTypes: ReadonlyMap<string, readonly (keyof DiskUsage)[]> = new Map([
  ['container', ['Containers']],
  ['image', ['Images', 'LayersSize']],
  ['volume', ['Volumes']],
  ['build-cache', ['BuildCache']],
]);

/** What was not asked for is null, and its size 0, as in moby. @throws AppError invalid */
function onlyOf(types: readonly string[], usage: Readonly<Record<keyof DiskUsage, unknown>>): unknown {
  const fields = types.flatMap((type) => {
    const found = diskUsageTypes.get(type);
    if (found === undefined) throw new AppError('invalid', `unknown object type: ${type}`);
    return found;
  });
  if (types.length === 0) return usage;
  const nothing = { LayersSize: 0, Images: null, Containers: null, Volumes: null, BuildCache: null };
  return { ...nothing, ...Object.fromEntries(fields.map((field) => [field, usage[field]])) };
}

function headOnly(): Reply {
  return { ...text('', 200, pingHeaders), body: null };
}
