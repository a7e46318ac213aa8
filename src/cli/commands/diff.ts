import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';

/** Changed, added, deleted (Engine API, ContainerChanges). */
const letters = ['C', 'A', 'D'];

export const diff: Command = {
  use: 'diff CONTAINER',
  short: "Inspect changes to files or directories on a container's filesystem",
  spellings: 'docker container diff, docker diff',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup:
    () =>
    async (context, [name = '']) => {
      if (name === '') throw new StatusError(1, 'Container name cannot be empty');
      const changes = await context.client.get(`${containerPath(name)}/changes`);
      await context.out(
        changes
          .items()
          .map((change) => `${letters[change.number('Kind')] ?? ''} ${change.string('Path')}\n`)
          .join(''),
      );
    },
};
