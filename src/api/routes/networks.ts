import { AppError } from '../../base/errors.ts';
import type { NetworksBackend } from '../backend.ts';
import { param } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { createNetworkSchema } from '../../protocol/engine-api.ts';
import { readJson } from '../request-body.ts';
import { json } from '../respond.ts';
import { route, type Route } from '../route.ts';

const listFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export function networkRoutes(networks: NetworksBackend): readonly Route[] {
  return [
    /** @docker rest "GET /networks" full */
    route('GET', '/networks', async ({ query }) => json(await networks.list(parseFilters(query.text('filters'), listFilters)))),

    /** @docker rest "POST /networks/create" none */
    route('POST', '/networks/create', async ({ request }) => {
      const { Name: name } = await readJson(request, createNetworkSchema, { wanted: true });
      if (name === '') throw new AppError('invalid', 'invalid name: name is empty');
      if (predefined.includes(name)) throw new AppError('forbidden', `operation is not permitted on predefined ${name} network `);
      return notYet('networks of your own');
    }),

    /** @docker rest "POST /networks/prune" partial */
    route('POST', '/networks/prune', () => Promise.resolve(json({ NetworksDeleted: null }))),

    /** @docker rest "GET /networks/{id}" full */
    route('GET', '/networks/{id}', async (call) => json(await networks.inspect(param(call, 'id')))),

    /** @docker rest "DELETE /networks/{id}" none */
    route('DELETE', '/networks/{id}', async (call) => {
      const { Name } = await networks.inspect(param(call, 'id'));
      throw new AppError('forbidden', `${Name} is a pre-defined network and cannot be removed`);
    }),

    /** @docker rest "POST /networks/{id}/connect" none */
    route('POST', '/networks/{id}/connect', () => notYet('connecting networks')),

    /** @docker rest "POST /networks/{id}/disconnect" none */
    route('POST', '/networks/{id}/disconnect', () => notYet('disconnecting networks')),
  ];
}

const predefined = ['bridge', 'host', 'none', 'default'];

function notYet(what: string): Promise<never> {
  return Promise.reject(new AppError('not_implemented', `${what}: not part of this playground yet`));
}
