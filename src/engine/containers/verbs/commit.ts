import { AppError } from '../../../base/errors.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import { applyChanges } from '../../images/changes/changes.ts';
import type { Images } from '../../images/images.ts';
import type { LayerOrigin } from '../../images/layer-store.ts';
import { referenceToTag } from '../../images/tag.ts';
import type { Container } from '../container.ts';
import { logContainerEvent, overlayDirectories, type Needs } from '../context.ts';
import { mergeConfig } from '../spec/merge-config.ts';
import { never } from '../state.ts';
import { pauseContainer } from './pause.ts';
import { unpauseContainer } from './unpause.ts';

export interface CommitContainerOptions {
  /** '' = no name. */
  readonly repository: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  /** Nothing runs in it meanwhile. */
  readonly pause: boolean;
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
  /** In place of the container's own. */
  readonly config: ContainerConfig | null;
  readonly signal: AbortSignal;
}

type Context = Needs<'store' | 'runtime' | 'networks' | 'host' | 'events' | 'clock' | 'random' | 'changes' | 'turns' | 'views'>;

/**
 * POST /commit: what a container has of its own, as a layer upon its image (daemon/commit.go). The container keeps it.
 * @returns the image's ID
 * @throws AppError not_found, conflict, invalid
 */
export async function commitContainer(
  context: Context,
  images: Pick<Images, 'commit'>,
  reference: string,
  options: CommitContainerOptions,
): Promise<string> {
  const container = context.store.find(reference);
  const target = referenceToTag(options.repository, options.tag);
  checkState(container);
  const config = mergeConfig(applyChanges(options.config ?? container.config, options.changes), container.config);
  const pauses = options.pause && container.state.status === 'running';
  if (pauses) await pauseContainer(context, container.id);
  try {
    const { id, name } = await images.commit(await layerOf(context, container), {
      imageId: container.identity.imageId,
      container: container.id,
      config,
      containerConfig: container.config,
      author: options.author,
      comment: options.comment,
      reference: target,
      signal: options.signal,
    });
    logContainerEvent(context, container, 'commit', {
      comment: options.comment,
      imageID: id,
      ...(target === null ? {} : { imageRef: name }),
    });
    return id;
  } finally {
    if (pauses) await unpauseContainer(context, container.id).catch(() => undefined);
  }
}

function checkState({ id, state }: Container): void {
  if (state.status === 'dead') throw new AppError('conflict', `You cannot commit container ${id} which is Dead`);
  if (state.status === 'removing') throw new AppError('conflict', `You cannot commit container ${id} which is being removed`);
}

async function layerOf({ runtime, host }: Context, { id, run, state }: Container): Promise<LayerOrigin> {
  const { upper } = overlayDirectories(host, id);
  // One that was never started has no layer of its own, unless something was copied into it.
  if (run === null && state.startedAt === never) await runtime.files.write({ directories: [upper] });
  return { container: id, upper, moves: false };
}
