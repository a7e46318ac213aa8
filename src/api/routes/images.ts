import { z } from 'zod';
import { clip } from '../../base/clip.ts';
import { AppError, toAppError } from '../../base/errors.ts';
import { containerConfigSchema } from '../../protocol/engine-api.ts';
import type { Filters, ImagesBackend, Source } from '../backend.ts';
import { jsonLines } from '../byte-stream.ts';
import { isAtLeast, param, type Call } from '../call.ts';
import { checkBoolean, parseFilters } from '../filters.ts';
import { imageAnswer, imageInspectAnswer } from '../older-answers.ts';
import { decodeJson } from '../../protocol/json-body.ts';
import type { Query } from '../query.ts';
import { requestAuth } from '../registry-auth.ts';
import { readJson } from '../request-body.ts';
import { empty, json, stream, type Reply } from '../respond.ts';
import { route, type Route } from '../route.ts';

/** Moby: daemon/images/images.go acceptedImageFilterTags. */
const listFilters = ['dangling', 'label', 'before', 'since', 'reference', 'until'];
/** Moby: registry/search.go acceptedSearchFilterTags. */
const searchFilters = ['is-automated', 'is-official', 'stars'];
const pruneFilters = ['dangling', 'label', 'label!', 'until'];

/** @throws AppError invalid in moby's words (getImagesSearch) */
function searchLimit(query: Query): number {
  try {
    return query.integer('limit') ?? 0;
  } catch (thrown) {
    throw new AppError('invalid', `invalid limit specified: ${toAppError(thrown).message}`, { cause: thrown });
  }
}

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
    route('POST', '/images/create', async (call) => {
      const { query, request } = call;
      const image = query.text('fromImage');
      if (image === '') return importImage(images, call);
      const progress = await images.pull({
        image,
        tag: query.text('tag'),
        platform: query.text('platform'),
        auth: requestAuth(request),
        signal: request.signal,
      });
      return stream(jsonLines(progress, '\r\n'));
    }),

    /** @docker rest "POST /commit" full */
    route('POST', '/commit', async ({ query, request }) => {
      let isGiven = false;
      const config = await readJson(request, containerConfigSchema.nullable(), { check: () => (isGiven = true) });
      const Id = await images.commit(query.text('container'), {
        repository: query.text('repo'),
        tag: query.text('tag'),
        author: query.text('author'),
        comment: query.text('comment'),
        pause: query.flag('pause', true),
        changes: query.texts('changes'),
        config: isGiven ? config : null,
        signal: request.signal,
      });
      return json({ Id }, 201);
    }),

    /** @docker rest "POST /images/load" full */
    route('POST', '/images/load', async (call) => {
      const { query, request } = call;
      const platform = isAtLeast(call, '1.48') ? platformOf(query) : '';
      const progress = await images.load(request.body, { quiet: query.flag('quiet'), platform, signal: request.signal });
      return stream(jsonLines(progress, '\r\n'));
    }),

    /** @docker rest "GET /images/get" full */
    route('GET', '/images/get', async (call) => save(images, call, call.query.texts('names'))),

    /** @docker rest "GET /images/{name}/get" full */
    route('GET', '/images/{name}/get', async (call) => save(images, call, [param(call, 'name')])),

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

    /** @docker rest "GET /images/search" partial over the images that come with the playground */
    route('GET', '/images/search', async ({ query, request }) => {
      const filters = parseFilters(query.text('filters'), searchFilters);
      checkBoolean(filters, 'is-official');
      checkBoolean(filters, 'is-automated');
      return json(await images.search({ term: query.text('term'), limit: searchLimit(query), filters, signal: request.signal }));
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
      return json(
        await images.remove(param(call, 'name'), {
          force: query.flag('force'),
          noprune: query.flag('noprune'),
          platforms: isAtLeast(call, '1.50') ? query.texts('platforms').map(platformText) : [],
        }),
      );
    }),
  ];
}

/** `fromSrc` is "-" for the body, else a URL. */
async function importImage(images: ImagesBackend, { query, request }: Call): Promise<Reply> {
  const from = query.text('fromSrc');
  if (from === '') throw new AppError('invalid', 'fromImage or fromSrc is needed');
  if (from !== '-')
    throw new AppError(
      'unavailable',
      `Get "${clip(from, 200)}": the engine has no network of its own to fetch it from; send the archive itself`,
    );
  const status = await images.import(request.body, {
    repository: query.text('repo'),
    tag: query.text('tag'),
    message: query.text('message'),
    changes: query.texts('changes'),
    platform: query.text('platform'),
    signal: request.signal,
  });
  return stream(jsonLines(once({ status }), '\r\n'));
}

async function save(images: ImagesBackend, call: Call, names: readonly string[]): Promise<Reply> {
  const platform = isAtLeast(call, '1.48') ? platformOf(call.query) : '';
  return stream(await images.save(names, { platform }), 'application/x-tar');
}

function once<T>(value: T): Source<T> {
  let rest: T | null = value;
  return {
    read() {
      const now = rest;
      rest = null;
      return Promise.resolve(now);
    },
    cancel() {
      rest = null;
    },
  };
}

const platformSchema = z.object({ os: z.string().default(''), architecture: z.string().default(''), variant: z.string().optional() });

/** The JSON of an OCI platform as "os/architecture[/variant]"; '' where there is none (moby: httputils, DecodePlatform). @throws AppError invalid */
export function platformOf(query: Query): string {
  const text = query.text('platform');
  return text === '' ? '' : platformText(text);
}

function platformText(text: string): string {
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
