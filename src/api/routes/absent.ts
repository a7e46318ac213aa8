import { AppError } from '../../base/errors.ts';
import { param, type Call } from '../call.ts';
import { checkBoolean, parseFilters } from '../filters.ts';
import { json } from '../respond.ts';
import { route, type Route } from '../route.ts';

/**
 * What is not here, said honestly: empty lists where there is nothing to list, the words of a real engine outside a swarm, and
 * "not implemented" where clients would otherwise take a 404 for something else (buildx falls back to another driver on it).
 */
export function absentRoutes(): readonly Route[] {
  return [...pluginRoutes(), ...swarmRoutes(), ...experimentalRoutes(), ...unimplementedRoutes()];
}

function pluginNotFound(name: string): AppError {
  return new AppError('not_found', `plugin "${name}" not found`);
}

const noPlugin = (call: Call): Promise<never> => Promise.reject(pluginNotFound(param(call, 'name')));

/** A reference is upgraded, which has a tag. */
function withTag(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1).includes(':') ? name : `${name}:latest`;
}

function pluginRoutes(): readonly Route[] {
  return [
    /** @docker rest "GET /plugins" partial */
    route('GET', '/plugins', ({ query }) => {
      checkBoolean(parseFilters(query.text('filters'), ['enabled', 'capability']), 'enabled');
      return Promise.resolve(json([]));
    }),

    /** @docker rest "GET /plugins/{name}/json" partial */
    route('GET', '/plugins/{name}/json', noPlugin),
    /** @docker rest "DELETE /plugins/{name}" partial */
    route('DELETE', '/plugins/{name}', noPlugin),
    /** @docker rest "POST /plugins/{name}/enable" partial */
    route('POST', '/plugins/{name}/enable', (call) => {
      call.query.integer('timeout');
      return noPlugin(call);
    }),
    /** @docker rest "POST /plugins/{name}/disable" partial */
    route('POST', '/plugins/{name}/disable', noPlugin),
    /** @docker rest "POST /plugins/{name}/push" partial */
    route('POST', '/plugins/{name}/push', noPlugin),
    /** @docker rest "POST /plugins/{name}/set" partial */
    route('POST', '/plugins/{name}/set', noPlugin),
    /** @docker rest "POST /plugins/{name}/upgrade" partial */
    route('POST', '/plugins/{name}/upgrade', (call) => Promise.reject(pluginNotFound(withTag(param(call, 'name'))))),
  ];
}

const notAManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** @docker rest "GET /swarm, /services, /nodes, /tasks, /secrets, /configs" none */
function swarmRoutes(): readonly Route[] {
  const refuse = (): Promise<never> => Promise.reject(new AppError('unavailable', notAManager));
  const nouns = ['services', 'nodes', 'tasks', 'secrets', 'configs'];
  return [
    route('GET', '/swarm', refuse),
    // A volume is changed by the managers of a swarm alone.
    route('PUT', '/volumes/{name}', () =>
      Promise.reject(new AppError('unavailable', 'volume update only valid for cluster volumes, but swarm is unavailable')),
    ),
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

/** Checkpoints of processes (CRIU), which a daemon has in experimental mode alone; whether there is such a container is asked after that. */
function experimentalRoutes(): readonly Route[] {
  const refuse = (): Promise<never> => Promise.reject(experimental());
  return ['GET', 'POST', 'DELETE'].map((method) => route(method, '/containers/{id}/checkpoints', refuse));
}

/** server/middleware and httputils of moby: routes that are experimental. */
export function experimental(): AppError {
  const why = 'This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it.';
  return new AppError('not_implemented', why);
}

/** @docker rest "swarm init, plugin install" none */
function unimplementedRoutes(): readonly Route[] {
  const rows: readonly (readonly [method: string, path: string, what: string])[] = [
    ['POST', '/grpc', 'BuildKit'],
    ['POST', '/session', 'BuildKit'],
    ['GET', '/plugins/privileges', 'docker plugin install'],
    ['POST', '/plugins/pull', 'docker plugin install'],
    ['POST', '/plugins/create', 'docker plugin create'],
    ['POST', '/swarm/init', 'docker swarm init'],
    ['POST', '/swarm/join', 'docker swarm join'],
  ];
  return rows.map(([method, path, what]) =>
    route(method, path, () => Promise.reject(new AppError('not_implemented', `${what}: not part of this playground yet`))),
  );
}
