import type { DistributionBackend } from '../backend.ts';
import { jsonLines } from '../byte-stream.ts';
import { isAtLeast, param } from '../call.ts';
import { authConfigSchema, registryAuthOf, requestAuth } from '../registry-auth.ts';
import { readJson } from '../request-body.ts';
import { json, stream } from '../respond.ts';
import { route, type Route } from '../route.ts';
import { platformOf } from './images.ts';

export function distributionRoutes(distribution: DistributionBackend): readonly Route[] {
  return [
    /** @docker rest "POST /images/{name}/push" partial to registries of the playground and, in Node, of the loopback */
    route('POST', '/images/{name}/push', async (call) => {
      const { query, request } = call;
      const progress = await distribution.push({
        name: param(call, 'name'),
        tag: query.text('tag'),
        platform: isAtLeast(call, '1.46') ? platformOf(query) : '',
        auth: requestAuth(request),
        signal: request.signal,
      });
      return stream(jsonLines(progress, '\r\n'));
    }),

    /** @docker rest "POST /auth" full */
    route('POST', '/auth', async ({ request }) => {
      const given = await readJson(request, authConfigSchema, { required: true });
      return json(await distribution.login(given.serveraddress ?? '', registryAuthOf(given), request.signal));
    }),

    /** @docker rest "GET /distribution/{name}/json" full */
    route('GET', '/distribution/{name}/json', async (call) =>
      json(await distribution.inspect(param(call, 'name'), requestAuth(call.request), call.request.signal)),
    ),
  ];
}
