import { clip } from '../base/clip.ts';
import { toAppError, type AppError } from '../base/errors.ts';
import type { ByteSource } from '../base/streams.ts';
import { apiVersion } from '../protocol/engine-api.ts';
import type { HttpHandler, HttpRequest, HttpResponse } from '../protocol/http.ts';
import type { EventLog } from '../protocol/log.ts';
import type { Backend } from './backend.ts';
import { loggedCharacters, Query } from './query.ts';
import { rawStream } from './byte-stream.ts';
import { cleanTarget } from './clean-target.ts';
import { empty, json, text, type EndedBy, type Reply } from './respond.ts';
import { route, routeTable, type RouteMatch, type RouteTable } from './route.ts';
import { absentRoutes } from './routes/absent.ts';
import { archiveRoutes } from './routes/archives.ts';
import { buildRoutes } from './routes/builds.ts';
import { containerRoutes } from './routes/containers.ts';
import { eventRoutes } from './routes/events.ts';
import { execRoutes } from './routes/exec.ts';
import { imageRoutes } from './routes/images.ts';
import { distributionRoutes } from './routes/distribution.ts';
import { lifecycleRoutes } from './routes/lifecycle.ts';
import { networkRoutes } from './routes/networks.ts';
import { streamRoutes } from './routes/streams.ts';
import { systemRoutes } from './routes/system.ts';
import { volumeRoutes } from './routes/volumes.ts';
import { httpStatus } from './status.ts';
import { checkVersion, isTooOld, splitVersion } from './version.ts';

/**
 * The Docker Engine API over an engine. Every request, answered or refused, stands in the engine's log afterwards.
 * @param serverVersion of the `Server` header, e.g. "0.1.0"
 */
export function createApi(backend: Backend, serverVersion: string): HttpHandler {
  const table = routeTable([
    ...systemRoutes(backend.system),
    ...buildRoutes(backend.builds),
    ...eventRoutes(backend.log),
    ...containerRoutes(backend.containers),
    ...archiveRoutes(backend.archives),
    ...lifecycleRoutes(backend.lifecycle),
    ...streamRoutes(backend.streams),
    ...execRoutes(backend.exec),
    // Before the images: "/images/search" is no image's name.
    ...absentRoutes(),
    ...imageRoutes(backend.images),
    ...distributionRoutes(backend.distribution),
    ...networkRoutes(backend.networks),
    ...volumeRoutes(backend.volumes),
  ]);
  const headers = {
    server: `Drydock/${serverVersion} (linux)`,
    'api-version': apiVersion,
    'docker-experimental': 'false',
    ostype: 'linux',
  };
  return async (request) => {
    const target = parseTarget(request.target);
    const answer = await dispatch(table, request, target);
    const reply = answer.matched ? { ...answer.reply, headers: { ...headers, ...answer.reply.headers } } : answer.reply;
    return logged(backend.log, { request, target, reply, message: answer.message });
  };
}

interface Target {
  readonly path: string;
  readonly version: string;
  readonly query: Query;
}

function parseTarget(target: string): Target {
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  return { ...splitVersion(decodePath(path)), query: new Query(question < 0 ? '' : target.slice(question + 1)) };
}

/** A path that is not valid percent-encoding stays as it is and matches nothing. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

interface Answer {
  readonly reply: Reply;
  readonly matched: boolean;
  readonly message: string | null;
}

async function dispatch(table: RouteTable, request: HttpRequest, target: Target): Promise<Answer> {
  const clean = cleanTarget(request.target);
  if (clean !== request.target) return { reply: { status: 301, headers: { location: clean }, body: null }, matched: false, message: null };
  // Moby answers it for every path, there or not (api/server/router/system).
  const match = request.method === 'OPTIONS' ? optionsMatch : table(request.method, target.path);
  if (match === null) return { ...failure('page not found', 404), matched: false };
  try {
    checkVersion(target.version);
    const reply = await match.route.run({ request, version: target.version, query: target.query, params: match.params });
    return { reply, matched: true, message: null };
  } catch (thrown) {
    return { ...refusal(toAppError(thrown), target.version, match.route.hijacks === true), matched: true };
  }
}

const optionsMatch: RouteMatch = { route: route('OPTIONS', '', () => Promise.resolve(empty(200))), params: {} };

/** Clients from before 1.24 got their errors as plain text, and the message that tells them so still is. */
function refusal(error: AppError, version: string, hijacked: boolean): { reply: Reply; message: string } {
  const status = httpStatus(error);
  if (hijacked) return { reply: text(`${error.message}\r\n`, status, { 'content-type': rawStream }), message: error.message };
  if (isTooOld(version)) return { reply: text(`${error.message}\n`, status), message: error.message };
  if (status === 304) return { reply: { status, headers: {}, body: null }, message: error.message };
  return failure(error.message, status);
}

function failure(message: string, status: number): { reply: Reply; message: string } {
  return { reply: json({ message }, status), message };
}

interface Exchange {
  readonly request: HttpRequest;
  readonly target: Target;
  readonly reply: Reply;
  readonly message: string | null;
}

function logged(log: EventLog, { request, target, reply, message }: Exchange): HttpResponse {
  const entry = log.append({
    kind: 'request',
    transport: request.transport,
    method: clip(request.method, loggedCharacters),
    path: clip(target.path, loggedCharacters),
    query: target.query.record(),
    status: reply.status,
    ...(message === null ? {} : { message: clip(message, loggedCharacters) }),
  });
  const closed = (by: EndedBy): void => void log.append({ kind: 'request-closed', request: entry.sequence, by });
  const { takeOver, status, headers, body } = reply;
  if (takeOver !== undefined) return { status, headers, body, hijack: async (connection) => closed(await takeOver(connection)) };
  if (body === null || body instanceof Uint8Array) return { status, headers, body };
  const watched = withEnd(body, request.signal, closed);
  if (reply.live === true) cancelWhenGone(watched, request.signal);
  return { status, headers, body: watched };
}

function cancelWhenGone(body: ByteSource, signal: AbortSignal): void {
  if (signal.aborted) body.cancel();
  else signal.addEventListener('abort', () => body.cancel(), { once: true });
}

/** Tells once how a body ended: read to its end, failed, or given up because who read it went away. */
function withEnd(body: ByteSource, gone: AbortSignal, closed: (by: EndedBy) => void): ByteSource {
  let open = true;
  const end = (by: EndedBy): void => {
    if (open) closed(by);
    open = false;
  };
  return {
    read: async () => {
      try {
        const chunk = await body.read();
        if (chunk === null) end('server');
        return chunk;
      } catch (thrown) {
        end(gone.aborted ? 'client' : 'server');
        throw thrown;
      }
    },
    cancel: (reason) => {
      if (!open) return;
      end('client');
      body.cancel(reason);
    },
  };
}
