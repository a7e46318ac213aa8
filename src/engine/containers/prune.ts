import type { ContainersPruneResponse } from '../../protocol/engine-api.ts';
import { AppError } from '../../base/errors.ts';
import type { Container } from './container.ts';
import type { ContainersContext } from './context.ts';
import { hasLabel } from './list.ts';
import { removeContainer } from './remove.ts';
import { sizeOfUpper } from './size.ts';
import { isActive } from './state.ts';

type Filters = Readonly<Record<string, readonly string[]>>;

/** POST /containers/prune: those that do not run, older than `until`, with and without labels; then one `prune` event. */
export async function pruneContainers(context: ContainersContext, filters: Filters): Promise<ContainersPruneResponse> {
  const before = untilOf(context, filters['until'] ?? []);
  const chosen = context.store.all().filter((container) => isPrunable(container, filters, before));
  const deleted: string[] = [];
  let reclaimed = 0;
  for (const container of chosen) {
    const size = await sizeOfUpper(context, container);
    const gone = await container.lock.run(async () => {
      if (context.store.byId(container.id) === null || !isPrunable(container, filters, before)) return false;
      await removeContainer(context, container);
      return true;
    });
    if (!gone) continue;
    deleted.push(container.id);
    reclaimed += size;
  }
  const actor = { id: '', attributes: { reclaimed: String(reclaimed) } };
  context.events.append({ kind: 'event', type: 'container', action: 'prune', actor, facts: { deleted, reclaimed } });
  return { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed };
}

function isPrunable({ state, identity, config }: Container, filters: Filters, before: bigint | null): boolean {
  if (isActive(state) || state.status === 'removing') return false;
  if (before !== null && identity.created > before) return false;
  const labels = config.Labels ?? {};
  return (
    (filters['label'] ?? []).every((label) => hasLabel(labels, label)) &&
    !(filters['label!'] ?? []).some((label) => hasLabel(labels, label))
  );
}

const unitNanoseconds: Readonly<Record<string, number>> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6 };

/** A duration before now ("10m", "1h30m"), Unix seconds, or RFC 3339. */
function untilOf({ clock }: ContainersContext, [value, ...more]: readonly string[]): bigint | null {
  if (value === undefined) return null;
  if (more.length > 0) throw new AppError('invalid', 'more than one until filter specified');
  if (/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(value)) {
    const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
    const nanoseconds = parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (unitNanoseconds[unit] ?? 0), 0);
    return clock.now() - BigInt(Math.round(nanoseconds));
  }
  if (/^\d+(\.\d+)?$/.test(value)) return BigInt(Math.round(Number(value) * 1e9));
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new AppError('invalid', `failed to parse value as time or duration: "${value}"`);
  return BigInt(time) * 1_000_000n;
}
