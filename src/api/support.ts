import { toRecord } from '../base/record.ts';

export type Level = 'full' | 'partial' | 'none';

export interface RouteSupport {
  readonly level: Level;
  /** How far, or why not. */
  readonly note: string;
  /** Of the query, and headers, by name. */
  readonly parameters: Readonly<Record<string, { readonly level: Level; readonly note: string }>>;
}

/**
 * Every operation of Docker's Swagger file (v1.50) and its parameters: `METHOD /path | level: note | parameters that work | name level: note; …`.
 * test/conformance/support.test.ts holds it against the file and against the routes.
 */
const table = `
GET /_ping | full
HEAD /_ping | full
GET /info | full
GET /version | full
GET /events | full | since until filters
GET /system/df | full | type
POST /auth | full
GET /containers/json | full | all limit size filters
POST /containers/create | full | name platform
POST /containers/prune | full | filters
GET /containers/{id}/json | full | size
GET /containers/{id}/top | full | ps_args
GET /containers/{id}/logs | full | follow stdout stderr since until timestamps tail
GET /containers/{id}/changes | full
GET /containers/{id}/export | full
GET /containers/{id}/stats | full | stream one-shot
POST /containers/{id}/resize | full | h w
POST /containers/{id}/start | full || detachKeys partial: accepted and without effect, as in Docker
POST /containers/{id}/stop | full | signal t
POST /containers/{id}/restart | full | signal t
POST /containers/{id}/kill | full | signal
POST /containers/{id}/update | full
POST /containers/{id}/rename | full | name
POST /containers/{id}/pause | full
POST /containers/{id}/unpause | full
POST /containers/{id}/attach | full | detachKeys logs stream stdin stdout stderr
GET /containers/{id}/attach/ws | full | detachKeys logs stream stdin stdout stderr
POST /containers/{id}/wait | full | condition
DELETE /containers/{id} | full | v force link
HEAD /containers/{id}/archive | full | path
GET /containers/{id}/archive | full | path
PUT /containers/{id}/archive | full | path noOverwriteDirNonDir copyUIDGID
POST /containers/{id}/exec | full
POST /exec/{id}/start | full
POST /exec/{id}/resize | full | h w
GET /exec/{id}/json | full
GET /images/json | full | all filters shared-size | digests partial: digests are shown whatever it says, as in Docker; manifests partial: without effect, as in Docker without its containerd store
POST /images/create | partial: of the images that come with Drydock, of registries it can reach, and of archives in the request | fromImage repo tag message changes platform X-Registry-Auth | fromSrc partial: "-" only, the engine fetches no URLs
GET /images/{name}/json | full | platform | manifests partial: without effect, as in Docker without its containerd store
GET /images/{name}/history | full | platform
POST /images/{name}/push | partial: to registries of this playground and, in Node, of the loopback | tag platform X-Registry-Auth
POST /images/{name}/tag | full | repo tag
DELETE /images/{name} | full | force noprune platforms
GET /images/search | partial: over the images that come with Drydock | term limit filters
POST /images/prune | full | filters
GET /images/{name}/get | full | platform
GET /images/get | full | names platform
POST /images/load | full | quiet platform
POST /commit | full | container repo tag comment author pause changes
POST /build | partial: contexts sent as archives, for linux/386 only | dockerfile t extrahosts q nocache pull buildargs shmsize labels networkmode target outputs X-Registry-Config | BUILD
POST /build/prune | full | filters all keep-storage reserved-space | max-used-space partial: checked; min-free-space partial: checked
POST /session | none: there is no BuildKit yet
GET /distribution/{name}/json | full
GET /volumes | full | filters
POST /volumes/create | full
GET /volumes/{name} | full
PUT /volumes/{name} | none: refused as outside a swarm || version none: the route is refused
DELETE /volumes/{name} | full | force
POST /volumes/prune | full | filters
GET /networks | full | filters
GET /networks/{id} | full | scope | verbose partial: checked, and tells of nothing more, as in Docker outside a swarm
DELETE /networks/{id} | full
POST /networks/create | partial: drivers of one machine only
POST /networks/{id}/connect | full
POST /networks/{id}/disconnect | full
POST /networks/prune | full | filters
GET /plugins | partial: there are none | filters
GET /plugins/privileges | none: there are no plugins || remote none: the route is refused
POST /plugins/pull | none: there are no plugins || remote none: the route is refused; name none: the route is refused; X-Registry-Auth none: the route is refused
GET /plugins/{name}/json | partial: there are none
DELETE /plugins/{name} | partial: there are none || force partial: there is nothing to force
POST /plugins/{name}/enable | partial: there are none || timeout partial: there is nothing to wait for
POST /plugins/{name}/disable | partial: there are none || force partial: there is nothing to force
POST /plugins/{name}/upgrade | partial: there are none || remote partial: there is nothing to upgrade; X-Registry-Auth partial: there is nothing to upgrade
POST /plugins/create | none: there are no plugins || name none: the route is refused
POST /plugins/{name}/push | partial: there are none
POST /plugins/{name}/set | partial: there are none
`;

const ignored = 'none: ignored';
const limits = 'partial: of what RUN starts, not yet held against Docker';
const build = `memory ${limits}; memswap ${limits}; cpushares ${limits}; cpuperiod ${limits}; cpuquota ${limits}; cpusetcpus ${ignored};
  remote none: refused, nothing is fetched; cachefrom ${ignored}; rm partial: nothing is left in any case; forcerm partial: nothing is left in any case;
  squash ${ignored}; Content-type partial: an archive in any case; platform partial: linux/386 only;
  version partial: 2 is answered in BuildKit's messages, without its session`;

const outsideSwarm = 'none: refused as outside a swarm, as by Docker';
const refused = 'none: the route is refused';
const swarm = `
GET /nodes filters
GET /nodes/{id}
DELETE /nodes/{id} force
POST /nodes/{id}/update version
GET /swarm
POST /swarm/init
POST /swarm/join
POST /swarm/leave force
POST /swarm/update version rotateWorkerToken rotateManagerToken rotateManagerUnlockKey
GET /swarm/unlockkey
POST /swarm/unlock
GET /services filters status
POST /services/create X-Registry-Auth
GET /services/{id} insertDefaults
DELETE /services/{id}
POST /services/{id}/update version registryAuthFrom rollback X-Registry-Auth
GET /services/{id}/logs details follow stdout stderr since timestamps tail
GET /tasks filters
GET /tasks/{id}
GET /tasks/{id}/logs details follow stdout stderr since timestamps tail
GET /secrets filters
POST /secrets/create
GET /secrets/{id}
DELETE /secrets/{id}
POST /secrets/{id}/update version
GET /configs filters
POST /configs/create
GET /configs/{id}
DELETE /configs/{id}
POST /configs/{id}/update version
`;

/** By operation: `GET /containers/{id}/json`. */
export const apiSupport: ReadonlyMap<string, RouteSupport> = new Map([...rows(table).map(parseRow), ...rows(swarm).map(swarmRow)]);

function rows(text: string): readonly string[] {
  return text.split('\n').filter((row) => row !== '');
}

function parseRow(row: string): [string, RouteSupport] {
  const [operation = '', level = '', works = '', others = ''] = row.split('|').map((cell) => cell.trim());
  const listed = (others === 'BUILD' ? build : others).split(';').map((part) => part.trim());
  const parameters = [
    ...works
      .split(' ')
      .filter((name) => name !== '')
      .map((name) => [name, { level: 'full', note: '' }] as const),
    ...listed.filter((part) => part !== '').map((part) => [part.split(' ')[0] ?? '', levelOf(part.slice(part.indexOf(' ') + 1))] as const),
  ];
  return [operation, { ...levelOf(level), parameters: toRecord(parameters) }];
}

function swarmRow(row: string): [string, RouteSupport] {
  const [method = '', path = '', ...names] = row.split(' ');
  return [`${method} ${path}`, { ...levelOf(outsideSwarm), parameters: toRecord(names.map((name) => [name, levelOf(refused)] as const)) }];
}

function levelOf(text: string): { readonly level: Level; readonly note: string } {
  const [level = '', ...note] = text.split(': ');
  if (level !== 'full' && level !== 'partial' && level !== 'none') throw new Error(`no level: ${text}`);
  return { level, note: note.join(': ') };
}
