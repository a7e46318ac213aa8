import { apiVersion } from '../../protocol/engine-api.ts';
import type { SystemBackend } from '../backend.ts';
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
    route('GET', '/info', async () => json(await system.info())),

    /** @docker rest "GET /version" full */
    route('GET', '/version', async () => json(await system.version())),

    /** @docker rest "GET /system/df" partial */
    route('GET', '/system/df', async () => json(await system.diskUsage())),
  ];
}

function headOnly(): Reply {
  return { ...text('', 200, pingHeaders), body: null };
}
