import { containerPath, DaemonError } from '../client/engine-client.ts';
import { respell, type Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import { forEach } from './each.ts';

export const rm: Command = {
  use: 'rm [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Remove one or more containers',
  spellings: 'docker container rm, docker container remove, docker rm',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const volumes = flags.bool('volumes', 'v', 'Remove anonymous volumes associated with the container', full);
    const link = flags.bool('link', 'l', 'Remove the specified link', full);
    const force = flags.bool('force', 'f', 'Force the removal of a running container (uses SIGKILL)', full);
    return (context, names) => {
      const query = { force: force.value ? '1' : undefined, link: link.value ? '1' : undefined, v: volumes.value ? '1' : undefined };
      const remove = async (name: string): Promise<void> => {
        if (/^\/*$/.test(name)) throw new StatusError(1, 'container name cannot be empty');
        await context.client.call('DELETE', containerPath(name), { query });
      };
      return forEach(context, names, remove, (error) => force.value && error instanceof DaemonError && error.kind === 'not_found');
    };
  },
};

export const containerRm = respell(rm, rm.use, ['remove']);
