import { clip } from '../../base/clip.ts';
import { DisposableStore } from '../../base/disposable.ts';
import { AppError } from '../../base/errors.ts';
import { familiarName, type Reference } from '../../grammar/reference.ts';
import type { ImageSearchItem } from '../../protocol/engine-api.ts';
import type { Filters } from '../filters.ts';
import { configSchema, indexSchema, isIndex, manifestSchema, parseDocument, type Descriptor } from '../registry/oci.ts';
import type { ImagesContext } from './context.ts';
import { choosePlatform } from './platform.ts';

export interface SearchOptions {
  /** Part of a name or a description; "docker.io/" and "library/" before it mean nothing more. */
  readonly term: string;
  /** Results at most, 1 to 100; 0 stands for moby's 25. */
  readonly limit: number;
  /** `is-official` (checked at the edge) and `stars`. */
  readonly filters: Filters;
  readonly signal: AbortSignal;
}

const usualLimit = 25;
const largestLimit = 100;
const largestTerm = 255;

/**
 * `GET /images/search` (moby: registry/search.go) over what the registry lists. None of it is one of Docker's official images, and nobody gives stars here.
 * @throws AppError invalid in moby's words
 */
export async function searchImages(
  context: ImagesContext,
  { term, limit, filters, signal }: SearchOptions,
): Promise<readonly ImageSearchItem[]> {
  if (limit < 0 || limit > largestLimit) throw invalid(`limit ${limit} is outside the range of [1, ${largestLimit}]`);
  const least = leastStars(filters['stars'] ?? []);
  const wanted = termOf(term);
  if (least > 0 || (filters['is-official'] ?? []).some((value) => value === '1' || value === 'true')) return [];
  const found: ImageSearchItem[] = [];
  for (const { reference, descriptors } of await context.registry.list()) {
    signal.throwIfAborted();
    const name = familiarName(reference);
    const description = await describe(context, { reference, descriptors }, signal);
    if (`${name}\n${description}`.toLowerCase().includes(wanted))
      found.push({ star_count: 0, is_official: false, name, is_automated: false, description });
  }
  const isNamed = ({ name }: ImageSearchItem): number => Number(name.toLowerCase().includes(wanted));
  return found
    .toSorted((one, other) => isNamed(other) - isNamed(one) || (one.name < other.name ? -1 : 1))
    .slice(0, limit === 0 ? usualLimit : limit);
}

function termOf(term: string): string {
  if (term.includes('://')) throw invalid(`invalid repository name: repository name (${clip(term, largestTerm)}) should not have a scheme`);
  const slash = term.indexOf('/');
  const domain = term.slice(0, Math.max(0, slash));
  const isDomain = /[.:]/.test(domain) || domain === 'localhost';
  if (isDomain && domain !== 'docker.io' && domain !== 'index.docker.io')
    throw new AppError('unavailable', `${clip(domain, largestTerm)} cannot be searched: only what comes with this playground can`);
  const rest = isDomain ? term.slice(slash + 1) : term;
  return rest.replace(/^library\//, '').toLowerCase();
}

/** The largest of those that are asked for counts (moby: hasStarFilter). */
function leastStars(values: readonly string[]): number {
  const numbers = values.map((value) => {
    if (!/^[+-]?\d+$/.test(value)) throw invalid(`invalid filter 'stars=${value}': strconv.Atoi: parsing "${value}": invalid syntax`);
    return Number(value);
  });
  return Math.max(0, ...numbers);
}

/** What an image's configuration says of itself. Nothing of it is kept. */
async function describe(
  { registry, platform, content }: ImagesContext,
  { reference, descriptors }: { readonly reference: Reference; readonly descriptors: readonly Descriptor[] },
  signal: AbortSignal,
): Promise<string> {
  const held = new DisposableStore();
  const read = (descriptor: Descriptor): Promise<Uint8Array> => {
    held.add(content.hold([descriptor.digest]));
    return content.document(descriptor, () => registry.fetch(reference, descriptor, signal), signal);
  };
  try {
    const chosen = choosePlatform(descriptors, platform);
    const one = isIndex(chosen) ? choosePlatform(parseDocument(indexSchema, await read(chosen), 'index').manifests, platform) : chosen;
    const manifest = parseDocument(manifestSchema, await read(one), 'manifest');
    const { config } = parseDocument(configSchema, await read(manifest.config), 'image config');
    return config.Labels?.['org.opencontainers.image.description'] ?? '';
  } catch (thrown) {
    signal.throwIfAborted();
    // One that is for other machines, or broken, is found by its name still.
    if (thrown instanceof AppError) return '';
    throw thrown;
  } finally {
    held.dispose();
  }
}

const invalid = (message: string): AppError => new AppError('invalid', message);
