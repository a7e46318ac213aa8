import { AppError } from '../../base/errors.ts';
import type { Filters, ImagesBackend } from '../backend.ts';
import { jsonLines } from '../byte-stream.ts';
import { isAtLeast, param } from '../call.ts';
import { parseFilters } from '../filters.ts';
import { empty, json, stream } from '../respond.ts';
import { route, type Route } from '../route.ts';

/** Moby: daemon/images/images.go acceptedImageFilterTags. */
const listFilters = ['dangling', 'label', 'label!', 'before', 'since', 'reference', 'until'];
const pruneFilters = ['dangling', 'label', 'label!', 'until'];

export function imageRoutes(images: ImagesBackend): readonly Route[] {
  return [
    /** @docker rest "GET /images/json" full */
    route('GET', '/images/json', async (call) => {
      const { query } = call;
      const filters = withPattern(parseFilters(query.text('filters'), listFilters), isAtLeast(call, '1.41') ? '' : query.text('filter'));
      return json(await images.list({ all: query.flag('all'), filters, sharedSize: query.flag('shared-size') }));
    }),

    /** @docker rest "POST /images/create" partial */
    route('POST', '/images/create', async ({ query, request }) => {
      const image = query.text('fromImage');
      if (image === '') throw new AppError('not_implemented', 'docker import is not part of this playground yet');
      const progress = await images.pull({ image, tag: query.text('tag'), platform: query.text('platform'), signal: request.signal });
      return stream(jsonLines(progress, '\r\n'));
    }),

    /** @docker rest "POST /images/prune" full */
    route('POST', '/images/prune', async ({ query }) => json(await images.prune(parseFilters(query.text('filters'), pruneFilters)))),

    /** @docker rest "GET /images/{name}/json" full */
    route('GET', '/images/{name}/json', async (call) => json(await images.inspect(param(call, 'name')))),

    /** @docker rest "GET /images/{name}/history" full */
    route('GET', '/images/{name}/history', async (call) => json(await images.history(param(call, 'name')))),

    /** @docker rest "POST /images/{name}/tag" full */
    route('POST', '/images/{name}/tag', async (call) => {
      await images.tag(param(call, 'name'), call.query.text('repo'), call.query.text('tag'));
      return empty(201);
    }),

    /** @docker rest "DELETE /images/{name}" full */
    route('DELETE', '/images/{name}', async (call) => {
      const { query } = call;
      if (param(call, 'name').trim() === '') throw new AppError('invalid', 'image name cannot be blank');
      return json(await images.remove(param(call, 'name'), { force: query.flag('force'), noprune: query.flag('noprune') }));
    }),
  ];
}

/** `filter` was a parameter of its own before it was the filter `reference`; clients up to 1.24 still send it. */
function withPattern(filters: Filters, pattern: string): Filters {
  return pattern === '' ? filters : { ...filters, reference: [...(filters['reference'] ?? []), pattern] };
}
