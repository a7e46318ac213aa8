import { objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';

export const networkDisconnect: Command = {
  use: 'disconnect [OPTIONS] NETWORK CONTAINER',
  short: 'Disconnect a container from a network',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Force the container to disconnect from a network', full);
    return async (context, [network = '', container = '']) => {
      await context.client.call('POST', `${objectPath('network', network)}/disconnect`, {
        body: { Container: container, Force: force.value },
      });
    };
  },
};
