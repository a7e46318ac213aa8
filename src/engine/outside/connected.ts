import type { OutsideEntry } from '../../protocol/log.ts';
import type { ContainerStore } from '../containers/store.ts';
import { ownerOf } from '../networks/names/resolve.ts';
import type { NetworkStore } from '../networks/store.ts';

/** Whose an address on one of Docker's networks is at the moment of the call; null: no container's. Docker gives no address twice at a time. */
export function containerAt(
  networks: Pick<NetworkStore, 'all'>,
  containers: Pick<ContainerStore, 'byId'>,
): (address: string) => OutsideEntry['container'] {
  return (address) => {
    for (const network of networks.all()) {
      const owner = ownerOf(network, address);
      const found = owner === undefined ? null : containers.byId(owner);
      if (found !== null) return { id: found.id, name: found.name };
    }
    return null;
  };
}
