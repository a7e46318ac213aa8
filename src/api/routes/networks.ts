import { AppError } from '../../base/errors.ts';
import { createNetworkSchema, endpointChangeSchema } from '../../protocol/engine-api.ts';
import type { ContainersBackend, NetworksBackend } from '../backend.ts';
import { param, type Call } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { isGoBoolean, type Query } from '../query.ts';
import { readJson } from '../request-body.ts';
import { json } from '../respond.ts';
import { route, type Route } from '../route.ts';

const listFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

const predefined = ['bridge', 'host', 'none', 'default'];

export function networkRoutes(networks: NetworksBackend, containers: Pick<ContainersBackend, 'inspect'>): readonly Route[] {
  return [
    /** @docker rest "GET /networks" full */
    route('GET', '/networks', async ({ query }) => json(await networks.list(parseFilters(query.text('filters'), listFilters)))),

    /** @docker rest "POST /networks/create" none */
    route('POST', '/networks/create', async ({ request }) => {
      const { Name: name } = await readJson(request, createNetworkSchema);
      if (name.trim() === '') throw new AppError('invalid', 'invalid name: name is empty');
      if (predefined.includes(name)) throw new AppError('forbidden', `operation is not permitted on predefined ${name} network `);
      return notYet('networks of your own');
    }),

    /** @docker rest "POST /networks/prune" partial */
    route('POST', '/networks/prune', () => Promise.resolve(json({ NetworksDeleted: null }))),

    /** @docker rest "GET /networks/{id}" full */
    route('GET', '/networks/{id}', async (call) => {
      const id = param(call, 'id');
      checkVerbose(call.query);
      const scope = call.query.text('scope');
      // All of them are local.
      if (scope !== '' && scope !== 'local') throw new AppError('not_found', `network ${id} not found`);
      return json(await networks.inspect(id));
    }),

    /** @docker rest "DELETE /networks/{id}" none */
    route('DELETE', '/networks/{id}', async (call) => {
      const { Name } = await networks.inspect(param(call, 'id'));
      throw new AppError('forbidden', `${Name} is a pre-defined network and cannot be removed`);
    }),

    /** @docker rest "POST /networks/{id}/connect" none */
    route('POST', '/networks/{id}/connect', (call) => refuseEndpoint(call, containers, 'connecting networks')),

    /** @docker rest "POST /networks/{id}/disconnect" none */
    route('POST', '/networks/{id}/disconnect', (call) => refuseEndpoint(call, containers, 'disconnecting networks')),
  ];
}

async function refuseEndpoint(call: Call, containers: Pick<ContainersBackend, 'inspect'>, what: string): Promise<never> {
  const { Container: container } = await readJson(call.request, endpointChangeSchema);
  if (container === '') throw new AppError('invalid', 'invalid name or ID supplied: ""');
  await containers.inspect(container, { size: false });
  return notYet(what);
}

/** @throws AppError invalid */
function checkVerbose(query: Query): void {
  const text = query.text('verbose');
  if (text === '' || isGoBoolean(text)) return;
  throw new AppError('invalid', `invalid value for verbose: ${text}: strconv.ParseBool: parsing "${text}": invalid syntax`);
}

function notYet(what: string): Promise<never> {
  return Promise.reject(new AppError('not_implemented', `${what}: not part of this playground yet`));
}
