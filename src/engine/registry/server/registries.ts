/** The registries of the app: an HTTP handler for each, over the images' store of contents. */
import { AppError } from '../../../base/errors.ts';
import type { HttpHandler } from '../../../protocol/http.ts';
import type { Clock } from '../../clock.ts';
import type { Content } from '../../content/content.ts';
import type { Random } from '../../random.ts';
import { hubRules, privateRules } from './access.ts';
import { registryHandler } from './handler.ts';
import { RegistryHost } from './registry-host.ts';
import { registriesSchema, restoreHost, snapshotHost, type ParsedRegistries, type RegistriesSnapshot } from './snapshot.ts';

export { registriesSchema, type ParsedRegistries, type RegistriesSnapshot };

/** As in references. */
export const hubHost = 'docker.io';
export const privateHost = 'dockerhub.myprivateregistry.com';

export interface InAppRegistriesOptions {
  readonly content: Content;
  readonly clock: Clock;
  readonly random: Random;
}

export interface RepositorySummary {
  /** "docker.io" */
  readonly host: string;
  /** "me/my-python-app" */
  readonly name: string;
  /** By name, each with the digest of its manifest. */
  readonly tags: readonly (readonly [tag: string, digest: string])[];
}

export interface InAppRegistries {
  /** @param host as in a reference @returns null: it is none of the app's */
  handlerFor(host: string): HttpHandler | null;
  /** Names of the hosts. */
  hosts(): readonly string[];
  /** What was pushed, whole. */
  repositories(): readonly RepositorySummary[];
  /** Whether a repository needs the contents. */
  names(digest: string): boolean;
  /** Accounts and repositories, without contents; uploads under way are not in it. */
  snapshot(): RegistriesSnapshot;
  /** In place of all there is; uploads under way are given up. */
  restore(saved: ParsedRegistries): void;
  /** Uploads are given up. Resolves when nothing of them goes on. */
  dispose(): Promise<void>;
}

export function createInAppRegistries({ content, clock, random }: InAppRegistriesOptions): InAppRegistries {
  const hosts = new Map([
    [hubHost, new RegistryHost({ rules: hubRules, content, clock, random })],
    [privateHost, new RegistryHost({ rules: privateRules, content, clock, random })],
  ]);
  const handlers = new Map([...hosts].map(([name, host]) => [name, registryHandler(host)]));
  return {
    handlerFor: (host) => handlers.get(host.toLowerCase()) ?? null,
    hosts: () => [...hosts.keys()],
    repositories: () =>
      [...hosts].flatMap(([host, { repositories }]) =>
        repositories.all().flatMap(({ name, manifests, tags }) => (manifests.size === 0 ? [] : [{ host, name, tags: [...tags].sort() }])),
      ),
    names: (digest) => [...hosts.values()].some(({ repositories }) => repositories.names(digest)),
    snapshot: () => [...hosts].map(([name, host]) => snapshotHost(name, host)),
    restore(saved) {
      for (const [name, host] of hosts)
        restoreHost(
          host,
          saved.find(({ host: of }) => of === name),
        );
    },
    async dispose() {
      await Promise.all([...hosts.values()].map(({ uploads }) => uploads.end()));
    },
  };
}

/** @throws AppError invalid for what is no snapshot; not_found where contents are gone */
export async function openRegistries(content: Content, snapshot: unknown): Promise<ParsedRegistries> {
  const parsed = registriesSchema.safeParse(snapshot);
  if (!parsed.success) throw new AppError('invalid', `not a snapshot of registries: ${parsed.error.issues[0]?.message ?? 'malformed'}`);
  if (parsed.data.every(({ repositories }) => repositories.length === 0)) return parsed.data;
  const there = new Set((await content.list()).map(({ digest }) => digest));
  const gone = contentsOfRegistries(parsed.data).find((digest) => !there.has(digest));
  if (gone !== undefined) throw new AppError('not_found', `blob ${gone} is not there`);
  return parsed.data;
}

/** Digests of the contents that a snapshot needs. */
export function contentsOfRegistries(saved: RegistriesSnapshot): readonly string[] {
  return saved.flatMap(({ repositories }) =>
    repositories.flatMap(({ blobs, manifests }) => [...blobs.map(([digest]) => digest), ...manifests.map(([digest]) => digest)]),
  );
}
