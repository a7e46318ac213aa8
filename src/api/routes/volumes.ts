import { AppError, toAppError } from '../../base/errors.ts';
import { createVolumeSchema } from '../../protocol/engine-api.ts';
import type { Filters, VolumesBackend } from '../backend.ts';
import { isAtLeast, param } from '../call.ts';
import { checkBoolean, checkFilterNames, parseFilters } from '../filters.ts';
import { readJson } from '../request-body.ts';
import { empty, json } from '../respond.ts';
import { route, type Route } from '../route.ts';

export function volumeRoutes(volumes: VolumesBackend): readonly Route[] {
  return [
    /** @docker rest "GET /volumes" full */
    route('GET', '/volumes', async ({ query }) =>
      json({ Volumes: await volumes.list(listFilters(query.text('filters'))), Warnings: null }),
    ),

    /** @docker rest "POST /volumes/create" full */
    route('POST', '/volumes/create', async ({ request }) => json(await volumes.create(await readJson(request, createVolumeSchema)), 201)),

    /** @docker rest "POST /volumes/prune" full */
    route('POST', '/volumes/prune', async (call) => {
      const filters = parseFilters(call.query.text('filters'), ['all', 'label', 'label!']);
      checkBoolean(filters, 'all');
      // Before 1.42 all were meant (api/server/router/volume).
      return json(await volumes.prune(isAtLeast(call, '1.42') ? filters : { ...filters, all: ['true'] }));
    }),

    /** @docker rest "GET /volumes/{name}" full */
    route('GET', '/volumes/{name}', async (call) => json(await volumes.inspect(param(call, 'name')))),

    /** @docker rest "DELETE /volumes/{name}" full */
    route('DELETE', '/volumes/{name}', async (call) => {
      try {
        await volumes.remove(param(call, 'name'));
      } catch (thrown) {
        if (!call.query.flag('force') || toAppError(thrown).kind !== 'not_found') throw thrown;
      }
      return empty(204);
    }),
  ];
}

/** Moby: volume/service/by.go and convert.go. @throws AppError invalid */
function listFilters(text: string): Filters {
  let filters: Filters;
  try {
    filters = parseFilters(text);
  } catch (thrown) {
    throw new AppError('invalid', `error reading volume filters: ${toAppError(thrown).message}`, { cause: thrown });
  }
  checkFilterNames(filters, ['dangling', 'driver', 'label', 'name']);
  checkBoolean(filters, 'dangling');
  return filters;
}
