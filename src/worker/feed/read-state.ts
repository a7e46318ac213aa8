import { toAppError } from '../../base/errors.ts';
import type { Backend } from '../../api/backend.ts';
import type { ContainerInspect, ImageSummary, Network, Volume } from '../../protocol/engine-api.ts';
import type { Changes } from '../../protocol/engine-feed.ts';
import type { Touched } from './touched.ts';

export interface ReadState {
  readonly containers: Changes<ContainerInspect>;
  readonly networks: Changes<Network>;
  readonly images: readonly ImageSummary[] | null;
  readonly volumes: readonly Volume[] | null;
}

export type StateBackend = Pick<Backend, 'containers' | 'images' | 'networks' | 'volumes'>;

const unchanged = { whole: false, changed: [], gone: [] };

/** What became of what was touched. */
export async function readState(backend: StateBackend, touched: Touched): Promise<ReadState> {
  const [containers, networks, images, volumes] = await Promise.all([
    touched.everything ? allContainers(backend) : someContainers(backend, touched.containers),
    touched.networks ? backend.networks.list({}).then((changed) => ({ whole: true, changed, gone: [] })) : unchanged,
    touched.images ? backend.images.list({ all: false, filters: {}, sharedSize: false }) : null,
    touched.volumes ? backend.volumes.list({}) : null,
  ]);
  return { containers, networks, images, volumes };
}

async function allContainers(backend: StateBackend): Promise<Changes<ContainerInspect>> {
  const summaries = await backend.containers.list({ all: true, limit: 0, size: false, filters: {} });
  const found = await Promise.all(summaries.map(({ Id }) => inspect(backend, Id)));
  return { whole: true, changed: found.filter((one) => one !== null), gone: [] };
}

async function someContainers(backend: StateBackend, references: readonly string[]): Promise<Changes<ContainerInspect>> {
  if (references.length === 0) return unchanged;
  const found = await Promise.all(references.map(async (reference) => ({ reference, is: await inspect(backend, reference) })));
  const changed = new Map<string, ContainerInspect>();
  for (const { is } of found) if (is !== null) changed.set(is.Id, is);
  return { whole: false, changed: [...changed.values()], gone: found.flatMap(({ reference, is }) => (is === null ? [reference] : [])) };
}

/** Null for one that is gone, and for a reference of a request that names none. */
async function inspect({ containers }: StateBackend, reference: string): Promise<ContainerInspect | null> {
  try {
    return await containers.inspect(reference, { size: false });
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.kind === 'internal') throw error;
    return null;
  }
}

/** One whose next change no event may tell: it is on its way out, or waits for its next start. */
export function isRestless({ State, HostConfig }: ContainerInspect): boolean {
  if (State.Status === 'removing' || State.Status === 'restarting') return true;
  return State.Status === 'exited' && HostConfig.AutoRemove === true;
}
