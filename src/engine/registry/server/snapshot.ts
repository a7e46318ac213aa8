import { z } from 'zod';
import type { RegistryHost } from './registry-host.ts';

const digest = z.string().regex(/^sha256:[a-f0-9]{64}$/);
const bytes = z.number().int().nonnegative();
const hex = z.string().regex(/^(?:[a-f0-9]{2})+$/);

const repositorySchema = z.object({
  name: z.string(),
  blobs: z.array(z.tuple([digest, bytes])),
  manifests: z.array(
    z.tuple([
      digest,
      z.object({
        mediaType: z.string(),
        size: bytes,
        blobs: z.array(digest).readonly(),
        manifests: z.array(digest).readonly(),
        subject: digest.nullable(),
      }),
    ]),
  ),
  tags: z.array(z.tuple([z.string(), digest])),
});

/** Of passwords there are salted hashes alone. */
export const registriesSchema = z.array(
  z.object({
    host: z.string(),
    accounts: z.array(z.object({ name: z.string(), salt: hex, hash: hex })),
    repositories: z.array(repositorySchema),
  }),
);

export type RegistriesSnapshot = readonly z.input<typeof registriesSchema>[number][];
export type ParsedRegistries = z.output<typeof registriesSchema>;

export function snapshotHost(name: string, { accounts, repositories }: RegistryHost): RegistriesSnapshot[number] {
  return {
    host: name,
    accounts: accounts.all().map((account) => ({ ...account })),
    repositories: repositories.all().map((repository) => ({
      name: repository.name,
      blobs: [...repository.blobs].map(([of, { size }]): [string, number] => [of, size]),
      manifests: [...repository.manifests],
      tags: [...repository.tags],
    })),
  };
}

/** @param saved undefined: as it is at first */
export function restoreHost({ accounts, repositories, uploads, clock }: RegistryHost, saved: ParsedRegistries[number] | undefined): void {
  void uploads.discardAll();
  accounts.replace(saved?.accounts ?? []);
  repositories.replace(
    (saved?.repositories ?? []).map(({ name, blobs, manifests, tags }) => ({
      name,
      blobs: new Map(blobs.map(([of, size]) => [of, { size, seen: clock.now() }])),
      manifests: new Map(manifests),
      tags: new Map(tags),
    })),
  );
}
