/** Images that stages begin with or read from: those that are here, others from the registry. */
import type { DisposableStore } from '../../../base/disposable.ts';
import { toAppError, AppError } from '../../../base/errors.ts';
import { fullString, parseReference, withDefaultTag } from '../../../grammar/reference.ts';
import type { BuildImages } from '../../images/builds.ts';
import { blankConfig } from '../../images/image-config.ts';
import { platformText } from '../../images/platform.ts';
import type { RegistryAuth } from '../../registry/hosts.ts';
import type { OciConfig, Platform } from '../../registry/oci.ts';
import type { BaseImage, ResolveBase, Source } from '../plan/model.ts';
import { WatchedVertex, type Watcher } from './watched.ts';

interface Looking {
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
  /** Keeps what was found until the build is over. */
  readonly held: DisposableStore;
  readonly pulls: boolean;
  /** By the registry's host. */
  readonly auths: ReadonlyMap<string, RegistryAuth>;
}

export interface BaseImages {
  readonly resolve: ResolveBase;
  /** Diff IDs, bottom first. */
  readonly layersOf: (source: Extract<Source, { readonly kind: 'image' }>) => Promise<readonly string[]>;
}

/** Each image is looked for once in a build, whoever asks. */
export function baseImages({ builds }: { readonly builds: BuildImages }, looking: Looking): BaseImages {
  const found = new Map<string, Promise<OciConfig>>();
  const find = (text: string, platform: Platform): Promise<OciConfig> => {
    const key = `${text} ${platformText(platform)}`;
    const config = found.get(key) ?? load(builds, { ...looking, text, platform });
    found.set(key, config);
    return config;
  };
  return {
    resolve: async (reference, platform) => baseOf(await find(reference, platform)),
    layersOf: async ({ reference, platform }) => (await find(reference, platform)).rootfs.diff_ids,
  };
}

interface Loading extends Looking {
  readonly text: string;
  readonly platform: Platform;
}

function load(builds: BuildImages, { watcher, signal, held, pulls, auths, text, platform }: Loading): Promise<OciConfig> {
  const reference = withDefaultTag(parseReference(text));
  const name = fullString(reference);
  const vertex = new WatchedVertex(watcher, `[internal] load metadata for ${name}`, [], platformText(platform));
  const loaded = vertex.while(async () => {
    const fits = (config: OciConfig): boolean => config.os === platform.os && config.architecture === platform.architecture;
    const here = builds.find(reference);
    if (here !== null && fits(here.config) && !pulls) return here.config;
    const auth = auths.get(reference.domain);
    await builds.pull(reference, { platform: platformText(platform), auth, signal, heard: vertex.amounts() }).catch((thrown: unknown) => {
      const { kind, message } = toAppError(thrown);
      throw new AppError(kind, `failed to resolve source metadata for ${name}: ${message}`, { cause: thrown });
    });
    const config = builds.find(reference)?.config;
    if (config === undefined) throw new AppError('not_found', `failed to resolve source metadata for ${name}: not found`);
    return config;
  });
  return loaded.then((config) => {
    held.add(builds.hold(config.rootfs.diff_ids));
    return config;
  });
}

function baseOf({ config, history = [], os, architecture, variant, author }: OciConfig): BaseImage {
  return {
    config: { ...blankConfig, ...config },
    history,
    platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
    ...(author === undefined ? {} : { author }),
  };
}
