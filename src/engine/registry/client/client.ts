/** Requests to one registry in somebody's name. */
import { utf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { emptySource, readAll, sourceOf, type ByteSource } from '../../../base/streams.ts';
import type { HttpHandler, HttpResponse } from '../../../protocol/http.ts';
import type { Clock } from '../../clock.ts';
import { registryUrl, type RegistryAuth, type RegistryHosts } from '../hosts.ts';
import { basicHeader, parseChallenge, parseToken, tokenRequest, type Challenge } from './auth.ts';
import { bounded, lively } from './bounded.ts';
import { connectionError, refusalOf, requestText } from './errors.ts';

export interface ClientOptions {
  readonly hosts: RegistryHosts;
  /** As in a reference. */
  readonly host: string;
  readonly auth: RegistryAuth;
  readonly clock: Clock;
}

export interface RegistryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** "/v2/…" */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** "repository:ann/app:pull,push"; what a token is asked for. */
  readonly scopes: readonly string[];
  readonly signal: AbortSignal;
}

export const noCredentials = 'no basic auth credentials';
const largestToken = 64 * 1024;

/** One for each host and operation: challenges and tokens are kept as long as it is. */
export class RegistryClient {
  readonly host: string;
  readonly url: string;
  readonly clock: Clock;
  readonly #hosts: RegistryHosts;
  readonly #auth: RegistryAuth;
  #challenge: Challenge | null = null;
  #isKnown: Promise<void> | null = null;
  readonly #tokens = new Map<string, string>();

  constructor({ hosts, host, auth, clock }: ClientOptions) {
    this.#hosts = hosts;
    this.host = host;
    this.url = registryUrl(host);
    this.#auth = auth;
    this.clock = clock;
  }

  /**
   * An answer of any status; 401 only where who asks has said who they are.
   * @throws AppError internal where there is no connection (`isPassing`), or without credentials where some are needed; what the signal was aborted with
   */
  async send(request: RegistryRequest): Promise<HttpResponse> {
    await this.connect(request.signal);
    const header = await this.#header(request);
    const answer = await this.#exchange(request, header);
    if (answer.status !== 401) return answer;
    this.#learn(answer);
    // A token may be over; and a registry may let everybody in until something is asked of it.
    this.#tokens.delete(request.scopes.join(' '));
    const again = await this.#header(request);
    if (again === null) throw this.#refuseNameless(request);
    if (again === header && this.#challenge?.scheme !== 'bearer') return answer;
    cancelBody(answer);
    return this.#exchange(request, again);
  }

  /** Asks once whether the registry is there, and what it wants to know. @throws AppError as `send` */
  connect(signal: AbortSignal): Promise<void> {
    this.#isKnown ??= this.#ping(signal).catch((thrown: unknown) => {
      this.#isKnown = null;
      throw thrown;
    });
    return this.#isKnown;
  }

  /** The same as `send` for what only a success answers. @throws AppError in the registry's words */
  async ask(request: RegistryRequest): Promise<HttpResponse> {
    const answer = await this.send(request);
    if (answer.status >= 300) throw await refusalOf(answer);
    return answer;
  }

  /** The status of "/v2/" for these credentials. @throws AppError as `send`; unauthorized where no token is given for them */
  async login(signal: AbortSignal): Promise<HttpResponse> {
    const request: RegistryRequest = { method: 'GET', target: '/v2/', scopes: [], signal };
    const first = await this.#exchange(request, basicHeader(this.#auth));
    if (first.status !== 401) return first;
    this.#learn(first);
    if (this.#challenge?.scheme !== 'bearer') return first;
    return this.#exchange(request, await this.#header(request));
  }

  async #ping(signal: AbortSignal): Promise<void> {
    const answer = await this.#exchange({ method: 'GET', target: '/v2/', scopes: [], signal }, null);
    if (answer.status === 401) this.#learn(answer);
    cancelBody(answer);
  }

  #learn({ headers }: HttpResponse): void {
    this.#challenge = parseChallenge(headers['www-authenticate'] ?? '') ?? this.#challenge;
  }

  async #header({ scopes, signal }: RegistryRequest): Promise<string | null> {
    const { registryToken = '' } = this.#auth;
    if (registryToken !== '') return `Bearer ${registryToken}`;
    if (this.#challenge === null) return null;
    if (this.#challenge.scheme === 'basic') return basicHeader(this.#auth);
    const key = scopes.join(' ');
    const token = this.#tokens.get(key) ?? (await this.#fetchToken(this.#challenge, scopes, signal));
    this.#tokens.set(key, token);
    return `Bearer ${token}`;
  }

  async #fetchToken(
    challenge: Extract<Challenge, { readonly scheme: 'bearer' }>,
    scopes: readonly string[],
    signal: AbortSignal,
  ): Promise<string> {
    const { host, method, target, headers, body } = tokenRequest(challenge, scopes, this.#auth);
    const answer = await this.#exchange({ method, target, headers, body: utf8(body), scopes, signal }, null, host);
    if (answer.status >= 300) throw await refusalOf(answer);
    return parseToken(await readAll(bodyOf(answer), largestToken));
  }

  async #exchange(request: RegistryRequest, authorization: string | null, host = this.host): Promise<HttpResponse> {
    const { method, target, body = new Uint8Array(), signal } = request;
    const url = host === this.host ? this.url : registryUrl(host);
    const handler = this.#hosts(host) ?? unknownHost(host);
    const headers = {
      host,
      'user-agent': 'docker/28.5.2',
      ...request.headers,
      ...(method === 'GET' || method === 'HEAD' ? {} : { 'content-length': String(body.length) }),
      ...(authorization === null ? {} : { authorization }),
    };
    const bounds = { clock: this.clock, signal };
    try {
      const answer = await bounded(bounds, (inner) =>
        handler({ method, target, headers, body: body.length === 0 ? emptySource() : sourceOf(body), transport: 'tcp', signal: inner }),
      );
      const given = answer.body;
      return given === null || given instanceof Uint8Array ? answer : { ...answer, body: lively(given, bounds) };
    } catch (thrown) {
      signal.throwIfAborted();
      throw connectionError(requestText(method, `${url}${target}`), thrown);
    }
  }

  #refuseNameless({ method, target }: RegistryRequest): AppError {
    const what = requestText(method === 'GET' ? 'HEAD' : method, `${this.url}${target}`);
    return new AppError('internal', `${what}: ${noCredentials}`, { detail: { why: noCredentials } });
  }
}

function unknownHost(host: string): HttpHandler {
  const [, name = host, port = '443'] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  const why = registryUrl(host).startsWith('http:')
    ? `dial tcp 127.0.0.1:${port === '443' ? '80' : port}: connect: connection refused`
    : `dial tcp: lookup ${name}: no such host`;
  return () => Promise.reject(new AppError('unavailable', why));
}

export function bodyOf({ body }: HttpResponse): ByteSource {
  if (body === null) return emptySource();
  return body instanceof Uint8Array ? sourceOf(body) : body;
}

/** For an answer of which nothing more is wanted. */
export function cancelBody({ body }: HttpResponse): void {
  if (body !== null && !(body instanceof Uint8Array)) body.cancel();
}
