import { z } from 'zod';
import { AppError, toAppError } from '../../base/errors.ts';
import type { Filters, ImagesBackend } from '../backend.ts';
import { jsonLines } from '../byte-stream.ts';
import { isAtLeast, param } from '../call.ts';
import { checkBoolean, parseFilters } from '../filters.ts';
import { imageAnswer, imageInspectAnswer } from '../older-answers.ts';
import { decodeJson } from '../json-body.ts';
import type { Query } from '../query.ts';
import { empty, json, stream } from '../respond.ts';
import { route, type Route } from '../route.ts';

/** Moby: daemon/images/images.go acceptedImageFilterTags. */
const listFilters = ['dangling', 'label', 'before', 'since', 'reference', 'until'];
const pruneFilters = ['dangling', 'label', 'label!', 'until'];

export function imageRoutes(images: ImagesBackend): readonly Route[] {
  return [
    /** @docker rest "GET /images/json" full */
    route('GET', '/images/json', async (call) => {
      const { query } = call;
      const given = parseFilters(query.text('filters'), listFilters);
      checkBoolean(given, 'dangling');
      const filters = withPattern(given, isAtLeast(call, '1.41') ? '' : query.text('filter'));
      const found = await images.list({ all: query.flag('all'), filters, sharedSize: query.flag('shared-size') });
      return json(found.map((image) => imageAnswer(call, image)));
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
    route('GET', '/images/{name}/json', async (call) => {
      const { query } = call;
      const platform = isAtLeast(call, '1.49') ? platformOf(query) : '';
      if (platform !== '' && query.flag('manifests'))
        throw new AppError('invalid', 'conflicting options: manifests and platform options cannot both be set');
      return json(imageInspectAnswer(call, await images.inspect(param(call, 'name'), { platform })));
    }),

    /** @docker rest "GET /images/{name}/history" full */
    route('GET', '/images/{name}/history', async (call) =>
      json(await images.history(param(call, 'name'), { platform: isAtLeast(call, '1.48') ? platformOf(call.query) : '' })),
    ),

    /** @docker rest "POST /images/{name}/tag" full */
    route('POST', '/images/{name}/tag', async (call) => {
      const repository = call.query.text('repo');
      // Nothing to name it is no error to moby (postImagesTag).
      if (repository === '') return empty(200);
      await images.tag(param(call, 'name'), repository, call.query.text('tag'));
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

const platformSchema = z.object({ os: z.string().default(''), architecture: z.string().default(''), variant: z.string().optional() });

/** The JSON of an OCI platform as "os/architecture[/variant]"; '' where there is none (moby: httputils, DecodePlatform). @throws AppError invalid */
function platformOf(query: Query): string {
  const text = query.text('platform');
  if (text === '') return '';
  const { os, architecture, variant } = platformSchema.parse(platformJson(text));
  if (os === '' || architecture === '') throw new AppError('invalid', 'both OS and Architecture must be provided');
  return [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])].join('/');
}

function platformJson(text: string): unknown {
  try {
    const value = decodeJson(text);
    if (platformSchema.safeParse(value).success) return value;
  } catch (thrown) {
    const message = toAppError(thrown).message.replace('invalid JSON: ', '');
    throw new AppError('invalid', `failed to parse platform: ${message}`, { cause: thrown });
  }
  throw new AppError('invalid', 'failed to parse platform: json: cannot unmarshal into Go value of type v1.Platform');
}

/** `filter` was a parameter of its own before it was the filter `reference`; clients up to 1.24 still send it. */
function withPattern(filters: Filters, pattern: string): Filters {
  return pattern === '' ? filters : { ...filters, reference: [...(filters['reference'] ?? []), pattern] };
}
