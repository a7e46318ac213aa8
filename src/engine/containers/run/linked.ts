import { AppError } from '../../../base/errors.ts';
import type { Container } from '../container.ts';
import type { Needs } from '../context.ts';
import { linkName } from '../links.ts';
import { isRunning } from '../state.ts';
import { linkedTo } from '../spec/links.ts';
import { updateLinkLine } from './hosts-file.ts';

/** daemon/container_operations_unix.go, setupLinkedContainers. @throws AppError internal, as Docker gives it no class */
export function checkLinked({ store }: Needs<'store'>, container: Container): void {
  if (!container.endpoints.has('bridge')) return;
  for (const link of container.links) {
    const child = store.byId(link.child.id);
    if (child === null || !isRunning(child.state))
      throw new AppError('internal', `Cannot link to a non running container: /${link.child.name} AS /${linkName(container, link)}`);
    if (!child.endpoints.has('bridge')) throw new AppError('internal', `container ${child.id} not attached to default bridge network`);
  }
}

/** Containers that run and have a link to this one, which has an address anew: their /etc/hosts says it. */
export async function tellParents(context: Needs<'store' | 'runtime' | 'networks'>, container: Container): Promise<void> {
  const parents = context.store
    .all()
    .filter((parent) => isRunning(parent.state) && parent.links.some(({ child }) => child.id === container.id));
  for (const parent of parents)
    for (const linked of linkedTo(context, parent)) if (linked.child === container) await updateLinkLine(context, parent, linked);
}

/** A container that runs is on the default bridge again: those that it has links to may have moved meanwhile. */
export async function followLinked(context: Needs<'store' | 'runtime' | 'networks'>, container: Container): Promise<void> {
  for (const linked of linkedTo(context, container)) await updateLinkLine(context, container, linked);
}
