import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { full } from '../flags/support.ts';

export const wait: Command = {
  use: 'wait CONTAINER [CONTAINER...]',
  short: 'Block until one or more containers stop, then print their exit codes',
  spellings: 'docker container wait, docker wait',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup: () => async (context, names) => {
    const failures: string[] = [];
    for (const name of names) {
      try {
        const answer = await context.client.post(`${containerPath(name)}/wait`);
        const failure = answer.get('Error').string('Message');
        if (failure !== '') throw new StatusError(1, failure);
        await context.out(`${answer.number('StatusCode')}\n`);
      } catch (error) {
        failures.push(messageOf(error));
      }
    }
    if (failures.length > 0) throw new StatusError(1, failures.join('\n'));
  },
};
