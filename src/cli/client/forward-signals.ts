import type { Disposable } from '../../base/disposable.ts';
import type { CliContext } from '../context.ts';
import { isForwarded, signalName } from '../../grammar/signals.ts';
import { containerPath } from './engine-client.ts';

/** `--sig-proxy`: what the docker process is sent goes to the container's first process. */
export function forwardSignals(context: CliContext, container: string): Disposable {
  return context.interrupt.takeOver((signal) => {
    const name = signalName(signal);
    if (name === null || !isForwarded(signal)) return false;
    // A container that just stopped cannot be killed; its exit is reported elsewhere.
    context.client.call('POST', `${containerPath(container)}/kill`, { query: { signal: name } }).catch(() => undefined);
    return true;
  });
}
