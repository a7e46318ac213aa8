import type { HttpHandler, HttpRequest, HttpResponse } from '../../../protocol/http.ts';
import { accountOf, challenge, checkPull, checkPush, credentialsOf, unauthenticated } from './access.ts';
import { deleteBlob, getBlob } from './blobs.ts';
import { errorResponse, RegistryError } from './errors.ts';
import { listReferrers, listRepositories, listTags } from './lists.ts';
import { deleteManifest, getManifest, putManifest } from './manifests.ts';
import type { Call, RegistryHost } from './registry-host.ts';
import { json } from './respond.ts';
import { parseTarget, type Target } from './target.ts';
import { addToUpload, cancelUpload, closeUpload, startUpload, uploadStatus } from './upload-routes.ts';

const apiVersion = { 'docker-distribution-api-version': 'registry/2.0' };

/** The distribution API of one host (opencontainers/distribution-spec 1.1). Never rejects. */
export function registryHandler(host: RegistryHost): HttpHandler {
  return async (request) => {
    const response = await answer(host, request).catch(errorResponse);
    const signIn = response.status === 401 ? challenge(host.rules) : {};
    return { ...response, headers: { ...apiVersion, ...signIn, ...response.headers } };
  };
}

async function answer(host: RegistryHost, request: HttpRequest): Promise<HttpResponse> {
  const at = request.target.indexOf('?');
  const [path, search] = at < 0 ? [request.target, ''] : [request.target.slice(0, at), request.target.slice(at + 1)];
  const target = parseTarget(path);
  if (target === null) throw new RegistryError('UNSUPPORTED', 'no such path', { status: 404 });
  if (target.kind === 'base') return signIn(host, request);
  const route = ownRoute(target.kind, request.method);
  const account = await accountOf(host.accounts, request);
  if (route.writes && 'name' in target) checkPush(host.rules, account, target.name);
  else checkPull(host.rules, account);
  return route.answer({ host, request, query: new URLSearchParams(search), account }, target);
}

/** What `docker login` asks: the only request that makes an account. */
async function signIn({ accounts }: RegistryHost, request: HttpRequest): Promise<HttpResponse> {
  if (request.method !== 'GET' && request.method !== 'HEAD') throw unsupported(['GET', 'HEAD']);
  const credentials = credentialsOf(request);
  if (credentials === null) throw unauthenticated();
  await (request.method === 'GET' ? accounts.signIn(credentials) : accounts.check(credentials));
  return json({});
}

interface Route {
  readonly writes: boolean;
  readonly answer: (call: Call, target: Target) => HttpResponse | Promise<HttpResponse>;
}

type Kind = Exclude<Target['kind'], 'base'>;

function route<K extends Kind>(
  kind: K,
  writes: boolean,
  respond: (call: Call, target: Extract<Target, { kind: K }>) => HttpResponse | Promise<HttpResponse>,
): Route {
  const isOfKind = (target: Target): target is Extract<Target, { kind: K }> => target.kind === kind;
  return {
    writes,
    answer: (call, target) => {
      if (!isOfKind(target)) throw new RegistryError('UNKNOWN', `a route of ${kind} for ${target.kind}`);
      return respond(call, target);
    },
  };
}

const readBlob = route('blob', false, getBlob);
const readManifest = route('manifest', false, getManifest);

const routes: Readonly<Record<Kind, ReadonlyMap<string, Route>>> = {
  catalog: new Map([['GET', route('catalog', false, listRepositories)]]),
  tags: new Map([['GET', route('tags', false, (call, { name }) => listTags(call, name))]]),
  referrers: new Map([['GET', route('referrers', false, listReferrers)]]),
  blob: new Map([
    ['GET', readBlob],
    ['HEAD', readBlob],
    ['DELETE', route('blob', true, deleteBlob)],
  ]),
  manifest: new Map([
    ['GET', readManifest],
    ['HEAD', readManifest],
    ['PUT', route('manifest', true, putManifest)],
    ['DELETE', route('manifest', true, deleteManifest)],
  ]),
  uploads: new Map([['POST', route('uploads', true, (call, { name }) => startUpload(call, name))]]),
  upload: new Map([
    ['GET', route('upload', true, uploadStatus)],
    ['PATCH', route('upload', true, addToUpload)],
    ['PUT', route('upload', true, closeUpload)],
    ['DELETE', route('upload', true, cancelUpload)],
  ]),
};

/** @throws RegistryError UNSUPPORTED */
function ownRoute(kind: Kind, method: string): Route {
  const found = routes[kind].get(method);
  if (found === undefined) throw unsupported([...routes[kind].keys()]);
  return found;
}

function unsupported(methods: readonly string[]): RegistryError {
  return new RegistryError('UNSUPPORTED', 'the operation is unsupported', { headers: { allow: methods.join(', ') } });
}
