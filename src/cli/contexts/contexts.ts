/** Which engine a command line talks to (docker/cli: cli/command/cli.go, context/store, defaultcontextstore.go). */
import type { HttpHandler } from '../../protocol/http.ts';
import { StatusError, messageOf } from '../errors.ts';
import type { GlobalFlags } from '../global-flags.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { CliSession } from '../session.ts';
import { ConfigFile } from './config-file.ts';
import { ConfigFolder } from './config-folder.ts';
import { ownHost } from './endpoint.ts';
import { ContextStore, defaultName, type ContextMetadata } from './store.ts';

/** What the global flags say of it. */
export type Choice = Pick<GlobalFlags, 'config' | 'context' | 'hosts'>;

export class Contexts {
  readonly store: ContextStore;
  readonly config: ConfigFile;
  readonly #session: CliSession;
  readonly #choice: Choice;

  constructor(session: CliSession, choice: Choice, warn: (text: string) => Promise<void>) {
    this.#session = session;
    this.#choice = choice;
    const home = session.env['HOME'] ?? '/root';
    const chosen = choice.config.changed ? choice.config.value : '';
    const folder = new ConfigFolder(session, chosen || session.env['DOCKER_CONFIG'] || `${home}/.docker`);
    this.store = new ContextStore(folder);
    this.config = new ConfigFile(folder, warn);
  }

  /** DOCKER_HOST; '' where it is not set. */
  get environmentHost(): string {
    return this.#session.env['DOCKER_HOST'] ?? '';
  }

  /** The name of the context in use. Only where nothing else says it is the configuration read. */
  async current(): Promise<string> {
    const { context, hosts } = this.#choice;
    if (context.value !== '') return context.value;
    if (hosts.value.length > 0 || this.environmentHost !== '') return defaultName;
    return this.#session.env['DOCKER_CONTEXT'] || (await this.config.currentContext()) || defaultName;
  }

  /** As `store.get`; the default context, too, which is in no store. */
  async get(name: string): Promise<ContextMetadata> {
    return name === defaultName ? this.#default : this.store.get(name);
  }

  /** Those of the store and the default context, by name. */
  async list(): Promise<readonly ContextMetadata[]> {
    return [...(await this.store.list()), this.#default];
  }

  get #default(): ContextMetadata {
    const host = this.#choice.hosts.value[0] ?? (this.environmentHost || ownHost);
    return { Name: defaultName, Metadata: {}, Endpoints: { docker: { Host: host, SkipTLSVerify: false } } };
  }

  /** An engine that is found when it is first asked something. @param own the engine of this guest */
  engine(own: HttpHandler): HttpHandler {
    let found: Promise<HttpHandler> | undefined;
    return async (request) => {
      found ??= this.#host().then((host) => (isOwn(host) ? own : unreachable(host)));
      return (await found)(request);
    };
  }

  /** Rejects where there is no such context, before anything is said. */
  async check(): Promise<void> {
    await this.#host();
  }

  async #host(): Promise<string> {
    try {
      return hostOf(await this.get(await this.current()));
    } catch (error) {
      throw new StatusError(1, `Failed to initialize: unable to resolve docker endpoint: ${messageOf(error)}`);
    }
  }
}

/** Of the docker endpoint; '' where it names none. */
export function hostOf(context: ContextMetadata): string {
  const { Host: host = '' } = dockerEndpoint(context);
  return typeof host === 'string' ? host : '';
}

export function dockerEndpoint({ Endpoints: endpoints }: ContextMetadata): JsonObject {
  const endpoint = endpoints['docker'] ?? {};
  return isObject(endpoint) ? endpoint : {};
}

function isOwn(host: string): boolean {
  return ['', ownHost, 'unix:///run/docker.sock'].includes(host);
}

/** The engine of this guest is the only one there is; at another address nobody listens, and no ssh is there to ask. */
function unreachable(host: string): HttpHandler {
  return ({ method, target }) => {
    const verb = method.charAt(0) + method.slice(1).toLowerCase();
    const words = host.startsWith('ssh://')
      ? `error during connect: ${verb} "http://docker.example.com${target}": exec: "ssh": executable file not found in $PATH`
      : `Cannot connect to the Docker daemon at ${host}. Is the docker daemon running?`;
    return Promise.reject(new StatusError(1, words));
  };
}
