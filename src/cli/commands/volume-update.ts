import { objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { none } from '../flags/support.ts';
import { StatusError } from '../errors.ts';

/** Only volumes of a swarm can be changed: there are none, and Docker says so of every other once it has found it. */
export const volumeUpdate: Command = {
  use: 'update [OPTIONS] [VOLUME]',
  short: 'Update a volume (cluster volumes only)',
  arity: { rule: 'exactly', count: 1 },
  flagsFirst: true,
  support: none('there is one node only'),
  setup: () => () => Promise.resolve(1),
  async refusal({ client }, words) {
    const name = words.find((word) => !word.startsWith('-')) ?? '';
    await client.call('GET', objectPath('volume', name));
    throw new StatusError(1, 'can only update cluster volumes');
  },
};
