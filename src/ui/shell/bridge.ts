import { proxy, transferHandlers, wrap, type Endpoint, type ProxyMarked } from 'comlink';
import { throughBridge } from '../../protocol/bridge.ts';
import { keepErrorsWhole, type Playground } from '../../protocol/playground.ts';
import type { PendingCalls } from './pending-calls.ts';

/** So that comlink knows that groups stay where they are. */
type Remote = { readonly [Group in keyof Playground]: Playground[Group] & ProxyMarked };

/** The playground at the other end. Callbacks cannot be cloned: they stay here and the other end gets proxies. */
export function reachPlayground(endpoint: Endpoint, calls: PendingCalls): Playground {
  keepErrorsWhole(transferHandlers);
  const remote: Playground = wrap<Remote>(endpoint);
  return throughBridge(remote, (call, args) => calls.make(() => call(args.map((arg) => (isCallback(arg) ? proxy(arg) : arg)))));
}

const isCallback = (value: unknown): value is () => unknown => typeof value === 'function';
