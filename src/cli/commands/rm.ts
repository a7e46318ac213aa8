import { segment } from '../client/engine-client.ts';
import { respell, type Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full, none } from '../flags/support.ts';
import { collectFailures } from './each.ts';

export const rm: Command = {
  use: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Remove one or more containers',
  spellings: 'docker container rm, docker container remove, docker rm',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const volumes = flags.bool('volumes', 'v', 'Remove anonymous volumes associated with the container', full);
    flags.bool('link', 'l', 'Remove the specified link', none('legacy links do not exist here'));
    const force = flags.bool('force', 'f', 'Force the removal of a running container (uses SIGKILL)', full);
    return async (context, names) => {
      const query = { force: force.value ? '1' : undefined, v: volumes.value ? '1' : undefined };
      const failures = await collectFailures(context, names, async (name) => {
        const trimmed = name.replace(/^\/+|\/+$/g, '');
        if (trimmed === '') throw new StatusError(1, 'container name cannot be empty');
        await context.client.call('DELETE', `/containers/${segment(trimmed)}`, { query });
      });
      if (failures.length === 0) return 0;
      if (!force.value) throw new StatusError(1, failures.join('\n'));
      // With --force a failure is reported, not returned.
      await context.err(`${failures.join('\n')}\n`);
      return 0;
    };
  },
};

export const containerRm = respell(rm, rm.use, ['remove']);
