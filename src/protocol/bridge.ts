/** How groups of calls (a Playground) cross between a worker and its page: one walker for both ends, no line for any one call. */
import type { MessagePortLike } from './port-stream.ts';

export type Call = (args: readonly unknown[]) => Promise<unknown>;

/**
 * The same groups, each call of each going through `make`. Groups and calls are looked up when they are used: the names need not be known (comlink's
 * proxies have all of them).
 * @param make what to do for a call: `call` makes it
 */
export function throughBridge<Groups extends object>(
  groups: Groups,
  make: (call: Call, args: readonly unknown[]) => Promise<unknown>,
): Groups {
  return lookedUp(groups, (group) =>
    isObject(group)
      ? lookedUp(group, (method) =>
          typeof method === 'function'
            ? (...args: unknown[]) =>
                make(async (given) => {
                  const answer: unknown = await Reflect.apply(method, group, given);
                  return answer;
                }, args)
            : undefined,
        )
      : undefined,
  );
}

/** Symbols and `then` are asked for by the language itself, when a thing is awaited or printed: groups have neither. */
function lookedUp<T extends object>(target: T, see: (found: unknown) => unknown): T {
  return new Proxy(target, {
    get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : see(Reflect.get(target, name))),
  });
}

/** The message ports that an answer holds: itself or a field of it. They are to be transferred with it. */
export function portsIn(answer: unknown): readonly MessagePortLike[] {
  return isObject(answer) ? [answer, ...Object.values(answer)].filter(isPort) : [];
}

function isPort(value: unknown): value is MessagePortLike {
  return isObject(value) && 'postMessage' in value && 'start' in value && 'close' in value;
}

const isObject = (value: unknown): value is object => (typeof value === 'object' && value !== null) || typeof value === 'function';
