import { AppError, toAppError } from '../../base/errors.ts';
import { sourceOf } from '../../base/streams.ts';
import { familiarName, familiarString, fullName, fullString, withDefaultTag, type Reference } from '../../grammar/reference.ts';
import type { Clock } from '../clock.ts';
import { RegistryClient } from './client/client.ts';
import { Repository } from './client/repository.ts';
import type { RegistryAuth, RegistryHosts } from './hosts.ts';
import type { Registry } from './registry.ts';

export interface Remote {
  readonly hosts: RegistryHosts;
  readonly auth: RegistryAuth;
  readonly clock: Clock;
}

/** What is behind hosts, for one operation: who asks is told in moby's words (distribution/errors.go, translatePullError). */
export function remoteRegistry({ hosts, auth, clock }: Remote): Registry {
  const repositories = new Map<string, Repository>();
  /** Manifests that were asked for by a tag: their bytes need not come twice. */
  const manifests = new Map<string, Uint8Array>();
  const repositoryOf = (reference: Reference): Repository => {
    const name = fullName(reference);
    const known = repositories.get(name);
    if (known !== undefined) return known;
    const made = new Repository(new RegistryClient({ hosts, host: reference.domain, auth, clock }), reference.path);
    repositories.set(name, made);
    return made;
  };
  return {
    async resolve(given, signal) {
      const reference = withDefaultTag(given);
      const { descriptor, bytes } = await repositoryOf(reference)
        .manifest(reference.digest ?? reference.tag ?? '', signal)
        .catch((thrown: unknown) => {
          throw pullError(reference, thrown);
        });
      manifests.set(descriptor.digest, bytes);
      return [descriptor];
    },
    tags: (reference, signal) =>
      repositoryOf(reference)
        .tags(signal)
        .catch((thrown: unknown) => {
          throw pullError(reference, thrown);
        }),
    list: () => Promise.resolve([]),
    fetch: (reference, descriptor, signal) => {
      const known = manifests.get(descriptor.digest);
      return known === undefined ? repositoryOf(reference).blob(descriptor, signal) : Promise.resolve(sourceOf(known));
    },
  };
}

function pullError(reference: Reference, thrown: unknown): AppError {
  const { kind, message, detail } = toAppError(thrown);
  const of = (words: string): AppError => new AppError('not_found', `${words}: ${message}`, { cause: thrown, detail });
  switch (detail['code']) {
    case 'DENIED':
      return of(`pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`);
    case 'MANIFEST_UNKNOWN':
      return of(`manifest for ${familiarString(reference)} not found`);
    case 'NAME_UNKNOWN':
      return of(`repository ${familiarName(reference)} not found`);
    default:
      return new AppError(kind, message, { cause: thrown, detail });
  }
}

const hub = 'docker.io';

/** What comes with the playground, by its full name; then the host that a name is of. */
export function registryOf(bundled: Registry, remote: Remote): Registry {
  const outside = remoteRegistry(remote);
  const found = new Map<string, Registry>();
  const firstOf = async <T>(reference: Reference, ask: (registry: Registry) => Promise<T>): Promise<T> => {
    try {
      const answer = await ask(bundled);
      found.set(fullString(reference), bundled);
      return answer;
    } catch (notHere) {
      if (toAppError(notHere).kind !== 'not_found' || (reference.domain === hub && remote.hosts(hub) === null)) throw notHere;
      const answer = await ask(outside).catch((thrown: unknown) => {
        throw whyNot(reference, notHere, thrown, remote.hosts);
      });
      found.set(fullString(reference), outside);
      return answer;
    }
  };
  return {
    resolve: (reference, signal) => firstOf(reference, (registry) => registry.resolve(reference, signal)),
    tags: (reference, signal) => firstOf(reference, (registry) => registry.tags(reference, signal)),
    list: () => bundled.list(),
    fetch: (reference, descriptor, signal) => (found.get(fullString(reference)) ?? bundled).fetch(reference, descriptor, signal),
  };
}

/** The hub here is not Docker's: what it lacks is said with what there is instead. */
function whyNot(reference: Reference, notHere: unknown, thrown: unknown, hosts: RegistryHosts): unknown {
  const { kind, message, detail } = toAppError(thrown);
  if (reference.domain === hub) return kind === 'cancelled' || detail['code'] === 'TOOMANYREQUESTS' ? thrown : notHere;
  if (hosts(reference.domain) !== null) return thrown;
  return new AppError(kind, `${message}. This playground reaches no registry there`, { cause: thrown, detail });
}
