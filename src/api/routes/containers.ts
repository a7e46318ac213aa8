import { AppError } from '../../base/errors.ts';
import { createContainerSchema, namesContainerConfig, updateContainerSchema } from '../../protocol/engine-api.ts';
import type { ContainersBackend } from '../backend.ts';
import { isAtLeast, param } from '../call.ts';
import { checkBoolean, parseFilters } from '../filters.ts';
import { containerAnswer } from '../older-answers.ts';
import { createBody, updateBody } from '../older-clients.ts';
import { readJson } from '../request-body.ts';
import { json, noContent } from '../respond.ts';
import { experimental } from './absent.ts';
import { route, type Route } from '../route.ts';

/** Moby: daemon/list.go acceptedPsFilterTags. */
const listFilters = [
  'ancestor',
  'before',
  'exited',
  'expose',
  'health',
  'id',
  'isolation',
  'is-task',
  'label',
  'name',
  'network',
  'publish',
  'since',
  'status',
  'volume',
];
const pruneFilters = ['label', 'label!', 'until'];

export function containerRoutes(containers: ContainersBackend): readonly Route[] {
  return [
    /** @docker rest "GET /containers/json" full */
    route('GET', '/containers/json', async (call) => {
      const { query } = call;
      const filters = parseFilters(query.text('filters'), listFilters);
      checkBoolean(filters, 'is-task');
      const limit = Math.max(0, query.integer('limit') ?? 0);
      const found = await containers.list({ all: query.flag('all'), limit, size: query.flag('size'), filters });
      return json(found.map((container) => containerAnswer(call, container)));
    }),

    /** @docker rest "POST /containers/create" full */
    route('POST', '/containers/create', async (call) => {
      const body = createBody(call, await readJson(call.request, createContainerSchema, { check: refuseEmpty, required: true }));
      const platform = isAtLeast(call, '1.41') ? call.query.text('platform') : '';
      return json(await containers.create({ name: call.query.text('name'), platform, body }), 201);
    }),

    /** @docker rest "POST /containers/prune" full */
    route('POST', '/containers/prune', async ({ query }) =>
      json(await containers.prune(parseFilters(query.text('filters'), pruneFilters))),
    ),

    /** @docker rest "GET /containers/{id}/json" full */
    route('GET', '/containers/{id}/json', async (call) =>
      json(await containers.inspect(param(call, 'id'), { size: call.query.flag('size') })),
    ),

    /** @docker rest "GET /containers/{id}/top" full */
    route('GET', '/containers/{id}/top', async (call) => json(await containers.top(param(call, 'id'), call.query.text('ps_args')))),

    /** @docker rest "GET /containers/{id}/changes" full */
    route('GET', '/containers/{id}/changes', async (call) => {
      const changes = await containers.changes(param(call, 'id'));
      // None is no list at all, as a slice of Go's that nothing was put in.
      return json(changes.length === 0 ? null : changes);
    }),

    /** @docker rest "POST /containers/{id}/update" full */
    route('POST', '/containers/{id}/update', async (call) =>
      json(
        await containers.update(
          param(call, 'id'),
          updateBody(call, await readJson(call.request, updateContainerSchema, { goName: 'UpdateConfig' })),
        ),
      ),
    ),

    /** @docker rest "POST /containers/{id}/rename" full */
    route('POST', '/containers/{id}/rename', async (call) => {
      const name = call.query.text('name');
      if (name === '') throw new AppError('invalid', 'Neither old nor new names may be empty');
      await containers.rename(param(call, 'id'), name);
      return noContent();
    }),

    /** @docker rest "DELETE /containers/{id}" full */
    route('DELETE', '/containers/{id}', async (call) => {
      const { query } = call;
      const id = param(call, 'id');
      // A route with two names: /containers/{id}/checkpoints/{checkpoint}
      if (/.\/checkpoints\/[^/]+$/.test(id)) throw experimental();
      await containers.remove(id, { force: query.flag('force'), volumes: query.flag('v'), link: query.flag('link') });
      return noContent();
    }),
  ];
}

/** Moby: runconfig, DecodeContainerConfig. */
function refuseEmpty(body: unknown): void {
  // What is no object is the parser's to refuse.
  if (body !== null && (typeof body !== 'object' || Array.isArray(body) || namesContainerConfig(body))) return;
  throw new AppError('invalid', 'config cannot be empty in order to create a container');
}
