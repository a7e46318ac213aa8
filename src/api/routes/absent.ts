import { AppError, toAppError } from '../../base/errors.ts';
import type { Filters } from '../backend.ts';
import { param } from '../call.ts';
import { checkBoolean, checkFilterNames, parseFilters } from '../filters.ts';
import { json } from '../respond.ts';
import { route, type Route } from '../route.ts';

/**
 * What is not here, said honestly: empty lists where there is nothing to list, the words of a real engine outside a swarm, and
 * "not implemented" where clients would otherwise take a 404 for something else (buildx falls back to another driver on it).
 */
export function absentRoutes(): readonly Route[] {
  return [...volumeRoutes(), ...pluginRoutes(), ...swarmRoutes(), ...unimplementedRoutes()];
}

function volumeRoutes(): readonly Route[] {
  return [
    /** @docker rest "GET /volumes" partial */
    route('GET', '/volumes', ({ query }) => {
      checkVolumeFilters(query.text('filters'));
      return Promise.resolve(json({ Volumes: [], Warnings: null }));
    }),

    /** @docker rest "GET /volumes/{name}" partial */
    route('GET', '/volumes/{name}', (call) => Promise.reject(new AppError('not_found', `get ${param(call, 'name')}: no such volume`))),

    /** @docker rest "DELETE /volumes/{name}" partial */
    route('DELETE', '/volumes/{name}', (call) => Promise.reject(new AppError('not_found', `get ${param(call, 'name')}: no such volume`))),

    /** @docker rest "POST /volumes/prune" partial */
    route('POST', '/volumes/prune', () => Promise.resolve(json({ VolumesDeleted: [], SpaceReclaimed: 0 }))),

    /** @docker rest "POST /build/prune" partial */
    route('POST', '/build/prune', () => Promise.resolve(json({ CachesDeleted: [], SpaceReclaimed: 0 }))),
  ];
}

function pluginRoutes(): readonly Route[] {
  return [
    /** @docker rest "GET /plugins" partial */
    route('GET', '/plugins', () => Promise.resolve(json([]))),

    /** @docker rest "GET /plugins/{name}/json" partial */
    route('GET', '/plugins/{name}/json', (call) => Promise.reject(new AppError('not_found', `plugin "${param(call, 'name')}" not found`))),
  ];
}

/** Moby: volume/service/by.go and convert.go. */
const volumeFilters = ['dangling', 'driver', 'label', 'name'];

/** There are none to filter, but what is asked for has to make sense. @throws AppError invalid */
function checkVolumeFilters(text: string): void {
  let filters: Filters;
  try {
    filters = parseFilters(text);
  } catch (thrown) {
    throw new AppError('invalid', `error reading volume filters: ${toAppError(thrown).message}`, { cause: thrown });
  }
  checkFilterNames(filters, volumeFilters);
  checkBoolean(filters, 'dangling');
}

const notAManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** @docker rest "GET /swarm, /services, /nodes, /tasks, /secrets, /configs" none */
function swarmRoutes(): readonly Route[] {
  const refuse = (): Promise<never> => Promise.reject(new AppError('unavailable', notAManager));
  const nouns = ['services', 'nodes', 'tasks', 'secrets', 'configs'];
  return [
    route('GET', '/swarm', refuse),
    route('POST', '/swarm/leave', () => Promise.reject(new AppError('unavailable', 'This node is not part of a swarm'))),
    ...['unlockkey', 'update', 'unlock'].flatMap((verb) => ['GET', 'POST'].map((method) => route(method, `/swarm/${verb}`, refuse))),
    ...nouns.flatMap((noun) => [
      route('GET', `/${noun}`, refuse),
      ...['GET', 'POST', 'DELETE'].map((method) => route(method, `/${noun}/{id}`, refuse)),
      route('POST', `/${noun}/{id}/update`, refuse),
      route('GET', `/${noun}/{id}/logs`, refuse),
    ]),
  ];
}

/** @docker rest "build, push, search, login, volumes, swarm init" none */
function unimplementedRoutes(): readonly Route[] {
  const rows: readonly (readonly [method: string, path: string, what: string])[] = [
    ['POST', '/build', 'docker build'],
    ['POST', '/grpc', 'BuildKit'],
    ['POST', '/session', 'BuildKit'],
    ['POST', '/auth', 'docker login'],
    ['GET', '/images/search', 'docker search'],
    ['POST', '/images/{name}/push', 'docker push'],
    ['GET', '/distribution/{name}/json', 'docker manifest inspect'],
    ['POST', '/volumes/create', 'docker volume create'],
    ['POST', '/swarm/init', 'docker swarm init'],
    ['POST', '/swarm/join', 'docker swarm join'],
  ];
  return rows.map(([method, path, what]) =>
    route(method, path, () => Promise.reject(new AppError('not_implemented', `${what}: not part of this playground yet`))),
  );
}
