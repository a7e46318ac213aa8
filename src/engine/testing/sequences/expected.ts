import type { Operation } from './operations.ts';

type Found = { readonly status: string } | null;

/**
 * What an operation comes to on a container in a state, when nothing else goes on. null: it depends.
 * @param holder who has the name that a rename wants
 */
export function expectedOutcome(operation: Operation, container: Found, holder: Found): string | null {
  switch (operation.verb) {
    case 'create':
    case 'run':
      if (container !== null) return 'conflict';
      return operation.verb === 'run' || operation.network.startsWith('container:') ? null : 'ok';
    case 'rename':
      if (container === null) return 'not_found';
      return operation.name === operation.to ? 'invalid' : holder === null ? 'ok' : 'conflict';
    case 'remove':
      if (container === null) return 'not_found';
      return operation.force || ['created', 'exited', 'dead'].includes(container.status) ? 'ok' : 'conflict';
    case 'prune':
    case 'pass':
    case 'leave':
    case 'fail':
    case 'save':
    case 'restore':
    case 'network-create':
    case 'network-remove':
    case 'end':
      return null;
    default:
      return container === null ? 'not_found' : (outcomes[operation.verb]?.[container.status] ?? null);
  }
}

const whileNot = (outcome: string, ...statuses: readonly string[]): Record<string, string> =>
  Object.fromEntries(statuses.map((status) => [status, outcome]));

const idle = ['created', 'exited'] as const;

/** By verb and status, as moby's daemon answers. */
const outcomes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  start: { running: 'not_modified', paused: 'conflict', dead: 'conflict' },
  stop: { ...whileNot('not_modified', ...idle), ...whileNot('ok', 'running', 'paused', 'restarting') },
  kill: whileNot('conflict', ...idle),
  pause: { running: 'ok', ...whileNot('conflict', ...idle, 'paused', 'restarting') },
  unpause: { paused: 'ok', ...whileNot('internal', ...idle, 'running', 'restarting') },
  exec: whileNot('conflict', ...idle, 'paused', 'restarting'),
  attach: { ...whileNot('ok', ...idle, 'running'), ...whileNot('conflict', 'paused', 'restarting') },
  wait: whileNot('ok', ...idle, 'running', 'paused', 'restarting'),
};
