import { AppError } from '../../base/errors.ts';
import { apiVersion, type DiskUsage } from '../../protocol/engine-api.ts';
import type { SystemBackend } from '../backend.ts';
import { isAtLeast } from '../call.ts';
import { containerAnswer, imageAnswer, infoAnswer } from '../older-answers.ts';
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
