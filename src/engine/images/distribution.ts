import { AppError } from '../../base/errors.ts';
import { digestOf } from '../content/verified.ts';
import { readAll } from '../../base/streams.ts';
import { parseReference, withDefaultTag } from '../../grammar/reference.ts';
import type { DistributionInspect } from '../../protocol/engine-api.ts';
import type { RegistryAuth } from '../registry/hosts.ts';
import { configSchema, indexSchema, isIndex, manifestSchema, parseDocument, type Descriptor, type Platform } from '../registry/oci.ts';
import type { ImagesContext } from './context.ts';

const largestDocument = 8 * 1024 * 1024;

/**
 * What a registry has under a name, nothing of it kept. The set that comes with the playground may have a manifest for each platform; the first one's is told.
 * @throws AppError not_found, and others of the registry's
 */
export async function inspectDistribution(
  context: ImagesContext,
  name: string,
  auth: RegistryAuth,
  signal: AbortSignal,
): Promise<DistributionInspect> {
  const reference = withDefaultTag(parseReference(name));
  const registry = context.registryFor(auth);
  const found = await registry.resolve(reference, signal);
  const read = async (descriptor: Descriptor): Promise<Uint8Array> => {
    const bytes = await readAll(await registry.fetch(reference, descriptor, signal), Math.min(descriptor.size, largestDocument));
    if (digestOf(bytes) !== descriptor.digest) throw new AppError('invalid', `verification failed for digest ${descriptor.digest}`);
    return bytes;
  };
  const [first] = found;
  if (first === undefined) return { Descriptor: { mediaType: '', digest: '', size: 0 }, Platforms: [] };
  const { mediaType, digest, size } = first;
  return { Descriptor: { mediaType, digest, size }, Platforms: await platformsOf(first, read) };
}

async function platformsOf(descriptor: Descriptor, read: (descriptor: Descriptor) => Promise<Uint8Array>): Promise<readonly Platform[]> {
  if (isIndex(descriptor))
    return parseDocument(indexSchema, await read(descriptor), 'index').manifests.flatMap(({ platform }) => platform ?? []);
  const { config } = parseDocument(manifestSchema, await read(descriptor), 'manifest');
  const { architecture, os, variant } = parseDocument(configSchema, await read(config), 'image config');
  return [{ architecture, os, ...(variant === undefined ? {} : { variant }) }];
}
