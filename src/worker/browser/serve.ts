import { expose, transfer, transferHandlers } from 'comlink';
import { portsIn, throughBridge } from '../../protocol/bridge.ts';
import { keepErrorsWhole, type Playground } from '../../protocol/playground.ts';

/** Whoever is at the other end of the endpoint may call the playground's groups, and nothing else of it. @param endpoint this worker's own unless given */
export function servePlayground({ lifecycle, terminals, lines, files, ports, outside, log }: Playground, endpoint?: MessagePort): void {
  keepErrorsWhole(transferHandlers);
  const served = throughBridge({ lifecycle, terminals, lines, files, ports, outside, log }, async (call, args) => {
    const answer = await call(args);
    const moved = portsIn(answer).filter((port) => port instanceof MessagePort);
    return moved.length > 0 ? transfer(answer, moved) : answer;
  });
  expose(served, endpoint);
}
