import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { createContainerSchema, updateContainerSchema, type ContainerSummary } from '../../protocol/engine-api.ts';
import type { ContainersBackend } from '../backend.ts';
import { isAtLeast, param } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { createBody, updateBody } from '../older-clients.ts';
import { parseJson, readJson } from '../request-body.ts';
import { json, noContent } from '../respond.ts';
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
      const limit = Math.max(0, query.integer('limit') ?? 0);
      const options = { all: query.flag('all'), limit, size: query.flag('size'), filters: withLegacy(filters, query) };
      const found = await containers.list(options);
      return json(isAtLeast(call, '1.46') ? found : found.map(withoutAnnotations));
    }),

    /** @docker rest "POST /containers/create" full */
    route('POST', '/containers/create', async (call) => {
      const given = await readJson(call.request, z.unknown(), { wanted: true });
      if (isEmptyConfig(given)) throw new AppError('invalid', 'config cannot be empty in order to create a container');
      const body = createBody(call, parseJson(createContainerSchema, given));
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

    /** @docker rest "GET /containers/{id}/changes" none */
    route('GET', '/containers/{id}/changes', async (call) => json(await containers.changes(param(call, 'id')))),

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
      await containers.remove(param(call, 'id'), { force: query.flag('force'), volumes: query.flag('v'), link: query.flag('link') });
      return noContent();
    }),
  ];
}

/** `since` and `before` were parameters of their own before they were filters. */
function withLegacy(
  filters: Readonly<Record<string, readonly string[]>>,
  query: { text(name: string): string },
): Record<string, readonly string[]> {
  const all: Record<string, readonly string[]> = { ...filters };
  for (const name of ['since', 'before']) {
    const value = query.text(name);
    if (value !== '') all[name] = [...(all[name] ?? []), value];
  }
  return all;
}

/** The host's part alone makes no container (runconfig/config.go). */
function isEmptyConfig(body: unknown): boolean {
  if (body === null) return true;
  if (typeof body !== 'object' || Array.isArray(body)) return false;
  return Object.keys(body).every((key) => ['hostconfig', 'networkingconfig'].includes(key.toLowerCase()));
}

/** Lists have annotations from 1.46 on (API version history). */
function withoutAnnotations(container: ContainerSummary): ContainerSummary {
  return { ...container, HostConfig: { NetworkMode: container.HostConfig.NetworkMode } };
}
