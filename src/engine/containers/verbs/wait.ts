import type { ContainerWaitResponse } from '../../../protocol/engine-api.ts';
import type { Needs } from '../context.ts';
import { isActive } from '../state.ts';
import type { ExitStatus } from '../run/waiters.ts';

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/** POST /containers/{id}/wait; `exit` is already under way when this resolves. */
export function waitForContainer(
  context: Needs<'store'>,
  reference: string,
  condition: WaitCondition,
  signal: AbortSignal,
): { readonly exit: Promise<ContainerWaitResponse> } {
  const container = context.store.find(reference);
  const { exitCode, error } = container.state;
  if (condition === 'not-running' && !isActive(container.state)) return { exit: Promise.resolve(response({ exitCode, error })) };
  const exit = container.waiters.add(condition !== 'removed', signal).then(response);
  exit.catch(() => undefined);
  return { exit };
}

function response({ exitCode, error }: ExitStatus): ContainerWaitResponse {
  return { StatusCode: exitCode, ...(error === '' ? {} : { Error: { Message: error } }) };
}
