import { AppError } from '../../base/errors.ts';
import { createNetworkSchema, networkConnectSchema, networkDisconnectSchema } from '../../protocol/engine-api.ts';
import type { NetworksBackend } from '../backend.ts';
import { param } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { readBool } from '../../grammar/strconv.ts';
import type { Query } from '../query.ts';
import { readJson } from '../request-body.ts';
import { empty, json } from '../respond.ts';
import { route, type Route } from '../route.ts';

const listFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

const pruneFilters = ['label', 'label!', 'until'];

export function networkRoutes(networks: NetworksBackend): readonly Route[] {
  return [
    /** @docker rest "GET /networks" full */
    route('GET', '/networks', async ({ query }) => json(await networks.list(parseFilters(query.text('filters'), listFilters)))),

    /** @docker rest "POST /networks/create" partial */
    route('POST', '/networks/create', async ({ request }) =>
      json(await networks.create(await readJson(request, createNetworkSchema)), 201),
    ),

    /** @docker rest "POST /networks/prune" full */
    route('POST', '/networks/prune', async ({ query }) => json(await networks.prune(parseFilters(query.text('filters'), pruneFilters)))),

    /** @docker rest "GET /networks/{id}" full */
    route('GET', '/networks/{id}', async (call) => {
      const id = param(call, 'id');
      checkVerbose(call.query);
      const scope = call.query.text('scope');
      // All of them are local.
      if (scope !== '' && scope !== 'local') throw new AppError('not_found', `network ${id} not found`);
      return json(await networks.inspect(id));
    }),

    /** @docker rest "DELETE /networks/{id}" full */
    route('DELETE', '/networks/{id}', async (call) => {
      await networks.remove(param(call, 'id'));
      return empty(204);
    }),

    /** @docker rest "POST /networks/{id}/connect" full */
    route('POST', '/networks/{id}/connect', async (call) => {
      const { Container: container, EndpointConfig: settings } = await readJson(call.request, networkConnectSchema);
      checkContainer(container);
      await networks.connect(param(call, 'id'), { container, settings });
      return empty(200);
    }),

    /** @docker rest "POST /networks/{id}/disconnect" full */
    route('POST', '/networks/{id}/disconnect', async (call) => {
      const { Container: container, Force: force } = await readJson(call.request, networkDisconnectSchema);
      checkContainer(container);
      await networks.disconnect(param(call, 'id'), { container, force });
      return empty(200);
    }),
  ];
}

/** @throws AppError invalid */
function checkContainer(reference: string): void {
  if (reference === '') throw new AppError('invalid', 'invalid name or ID supplied: ""');
}

/** @throws AppError invalid */
function checkVerbose(query: Query): void {
  const text = query.text('verbose');
  if (text === '' || readBool(text) !== null) return;
  throw new AppError('invalid', `invalid value for verbose: ${text}: strconv.ParseBool: parsing "${text}": invalid syntax`);
}
