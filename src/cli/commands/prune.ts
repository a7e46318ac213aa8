import type { CliContext } from '../context.ts';
import type { Filters } from '../flags/filters.ts';
import type { JsonView } from '../json.ts';

/** What one kind of things gave back. */
export interface Pruned {
  /** The list of what went, empty when nothing did. */
  readonly output: string;
  readonly bytes: number;
}

function pruned(report: JsonView, title: string, lines: readonly string[]): Pruned {
  if (lines.length === 0) return { output: '', bytes: 0 };
  return { output: `${title}\n${lines.map((line) => `${line}\n`).join('')}`, bytes: report.number('SpaceReclaimed') };
}

export async function pruneContainers(context: CliContext, filters: Filters): Promise<Pruned> {
  const report = await context.client.post('/containers/prune', { filters: filters.query });
  return pruned(report, 'Deleted Containers:', report.strings('ContainersDeleted'));
}

export async function pruneNetworks(context: CliContext, filters: Filters): Promise<Pruned> {
  const report = await context.client.post('/networks/prune', { filters: filters.query });
  return { ...pruned(report, 'Deleted Networks:', report.strings('NetworksDeleted')), bytes: 0 };
}

export async function pruneVolumes(context: CliContext, filters: Filters): Promise<Pruned> {
  const report = await context.client.post('/volumes/prune', { filters: filters.query });
  return pruned(report, 'Deleted Volumes:', report.strings('VolumesDeleted'));
}

export async function pruneImages(context: CliContext, filters: Filters, all: boolean): Promise<Pruned> {
  const report = await context.client.post('/images/prune', { filters: filters.with('dangling', String(!all)).query });
  const lines = report.list('ImagesDeleted').map((image) => {
    const untagged = image.string('Untagged');
    return untagged === '' ? `deleted: ${image.string('Deleted')}` : `untagged: ${untagged}`;
  });
  return pruned(report, 'Deleted Images:', lines);
}

/** @param keep bytes of the cache that stay */
export async function pruneBuildCache(context: CliContext, filters: Filters, all: boolean, keep = 0): Promise<Pruned> {
  const report = await context.client.post('/build/prune', {
    all: all ? '1' : undefined,
    'keep-storage': keep === 0 ? undefined : String(BigInt(keep)),
    filters: filters.query ?? '',
  });
  return pruned(report, 'Deleted build cache objects:', report.strings('CachesDeleted'));
}
