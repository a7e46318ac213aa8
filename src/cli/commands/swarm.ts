import type { Command, CommandAction, CommandGroup } from '../command.ts';
import type { CliContext } from '../context.ts';
import { messageOf, StatusError } from '../errors.ts';
import { none } from '../flags/support.ts';

/**
 * The commands of a swarm: there is none, and the engine is asked as Docker's client would, so that it says so itself. Their flags and words mean
 * nothing, whatever they are; those that would make a swarm, or need none, are refused by us.
 */
const noSwarm = none('there is one node only');

type Ask = (context: CliContext) => Promise<void>;

const get =
  (path: string): Ask =>
  ({ client }) =>
    client.call('GET', path);

/** Docker prints what it found before it says what it did not find. */
const inspect =
  (path: string): Ask =>
  async (context) => {
    await context.out('[]\n');
    await get(path)(context);
  };

const unlockKey: Ask = async (context) => {
  try {
    await get('/swarm/unlockkey')(context);
  } catch (thrown) {
    throw new StatusError(1, `could not fetch unlock key: ${messageOf(thrown)}`);
  }
};

/** Its client looks at the node's own state first. */
const unlock: Ask = () => Promise.reject(new StatusError(1, 'Error: This node is not part of a swarm'));

function refusal(ask: Ask): CommandAction {
  return async (context) => {
    await ask(context);
    return 1;
  };
}

function verb(name: string, ask: Ask | null): Command {
  return {
    use: name,
    short: '',
    arity: { rule: 'atLeast', count: 0 },
    flagsFirst: true,
    support: noSwarm,
    setup: () => () => Promise.resolve(1),
    ...(ask === null ? {} : { refusal: refusal(ask) }),
  };
}

function group(name: string, short: string, path: string, verbs: string, own: Readonly<Record<string, Ask | null>> = {}): CommandGroup {
  const ask = (one: string): Ask | null => {
    if (Object.hasOwn(own, one)) return own[one] ?? null;
    return one === 'inspect' ? inspect(path) : get(path);
  };
  return { name, short, commands: verbs.split(' ').map((one) => verb(one, ask(one))) };
}

export const swarmGroups: readonly CommandGroup[] = [
  group('config', 'Manage Swarm configs', '/configs', 'create inspect ls rm'),
  group('node', 'Manage Swarm nodes', '/nodes', 'demote inspect ls promote ps rm update'),
  group('secret', 'Manage Swarm secrets', '/secrets', 'create inspect ls rm'),
  group('service', 'Manage Swarm services', '/services', 'create inspect logs ls ps rm rollback scale update'),
  group('stack', 'Manage Swarm stacks', '/services', 'config deploy ls ps rm services', { config: null }),
  group('swarm', 'Manage Swarm', '/swarm', 'ca init join join-token leave unlock unlock-key update', {
    init: null,
    join: null,
    leave: ({ client }) => client.call('POST', '/swarm/leave'),
    unlock,
    'unlock-key': unlockKey,
  }),
];
