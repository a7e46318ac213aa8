import { AppError, toAppError } from '../../../base/errors.ts';
import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import type { SpecNetwork } from '../spec/spec.ts';
import { isRunning } from '../state.ts';
import { joinNetworks } from './join-networks.ts';

/** daemon/container_operations.go, getNetworkedContainer; the error has no class. */
function networkOwner({ store }: Needs<'store'>, reference: string): Container {
  try {
    return store.find(reference);
  } catch (cause) {
    throw new AppError('internal', `joining network namespace of container: ${toAppError(cause).message}`, { cause });
  }
}

/** Leases on the container's networks, or whose network name space it is in. @throws AppError in Docker's words */
export async function setUpNetwork(context: Needs<'store' | 'networks'>, container: LockedContainer): Promise<SpecNetwork> {
  const { networks } = context;
  const hostGateway = networks.store.byName('bridge')?.pools[0]?.gateway ?? '';
  const mode = container.modes.network;
  if (mode.kind === 'container') {
    const other = networkOwner(context, mode.reference);
    if (other === container) throw new AppError('internal', 'cannot join own network namespace');
    if (!isRunning(other.state)) {
      const why = `container ${other.name} is ${other.state.status}`;
      throw new AppError('conflict', `cannot join network namespace of a non running container: ${why}`);
    }
    return { endpoints: [], join: other.id, host: false, hostGateway };
  }
  return { endpoints: await joinNetworks(networks, container), join: '', host: mode.kind === 'host', hostGateway };
}
