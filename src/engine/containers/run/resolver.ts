import { toAppError } from '../../../base/errors.ts';
import { isUserDefined } from '../../networks/network.ts';
import { serveNames, type AnswerPacket } from '../../networks/names/serve.ts';
import { randomBelow } from '../../random.ts';
import { errno, type ResolverSockets } from '../../runtime.ts';
import type { Container, LockedContainer } from '../container.ts';
import type { Needs } from '../context.ts';
import { defaultGateways, leadsOutside } from './join-networks.ts';

export type ResolverContext = Needs<'runtime' | 'networks' | 'names' | 'clock' | 'random'>;

/** Of a container that runs, or is about to. @param ahead it is started next. Nothing happens where no network of its own has names, or it has one. */
export async function openResolver(
  context: ResolverContext,
  container: LockedContainer,
  { ahead }: { readonly ahead: boolean },
): Promise<void> {
  if (container.resolver !== null || !hasNames(context, container)) return;
  serve(context, container, await listen(context, container.id, ahead));
}

export function closeResolver(container: Container): void {
  container.resolver?.close();
  container.resolver = null;
}

/** After a restore. @param handle of the sockets that it had */
export function resumeResolver(context: ResolverContext, container: Container, handle: number): void {
  const sockets = context.runtime.resolvers.adopt(handle);
  if (sockets !== null) serve(context, container, sockets);
}

/** On one of the user's networks. */
function hasNames({ networks }: Needs<'networks'>, { endpoints }: Container): boolean {
  return [...endpoints.values()].some(({ networkId, lease }) => {
    const network = networks.store.lookup(networkId);
    return lease !== null && network !== null && isUserDefined(network);
  });
}

function serve({ names, clock }: ResolverContext, container: Container, sockets: ResolverSockets): void {
  container.resolver = sockets;
  const ndotsSet = (container.hostConfig.DnsOptions ?? []).some((option) => /^ndots(:|$)/.test(option));
  const answer: AnswerPacket = (packet, transport) =>
    names.answer(packet, transport, { member: container, ndotsSet, forwards: leadsOutside(defaultGateways(container)) });
  serveNames(sockets, answer, clock);
}

/** Ports that nobody has in a new name space; in another one somebody may. */
async function listen({ runtime, random }: Needs<'runtime' | 'random'>, container: string, ahead: boolean): Promise<ResolverSockets> {
  for (let left = 8; ; left--) {
    const [udpPort, tcpPort] = [anyPort(random), anyPort(random)];
    try {
      return await runtime.resolvers.listen({ container, ahead, udpPort, tcpPort });
    } catch (thrown) {
      if (left === 0 || toAppError(thrown).detail['errno'] !== errno.EADDRINUSE) throw thrown;
    }
  }
}

/** net.ipv4.ip_local_port_range, as Linux has it. */
function anyPort(random: Needs<'random'>['random']): number {
  return 32_768 + randomBelow(random, 28_232);
}
