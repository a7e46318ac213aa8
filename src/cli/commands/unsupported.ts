import type { Command, CommandGroup } from '../command.ts';
import { StatusError } from '../errors.ts';
import { experimental, none } from '../flags/support.ts';
import { swarmGroups } from './swarm.ts';

/** Docker's commands that do not exist here yet: known, so that they are refused in clear words and counted in the support table. */
const later = 'it is not there yet';

function unsupported(line: string, why: string): Command {
  const [name = '', short = ''] = line.split('|');
  return {
    use: name,
    short,
    arity: { rule: 'atLeast', count: 0 },
    flagsFirst: true,
    support: none(why),
    setup: () => () => Promise.resolve(1),
  };
}

function list(lines: readonly string[], why: string): readonly Command[] {
  return lines.map((line) => unsupported(line, why));
}

const group = (name: string, short: string, commands: string, why: string): CommandGroup => ({
  name,
  short,
  commands: list(commands.split(' '), why),
});

/** As Docker's client refuses them of a daemon that is not experimental. */
const checkpoints: CommandGroup = {
  name: 'checkpoint',
  short: 'Manage checkpoints',
  commands: ['create', 'ls', 'rm'].map((name) => ({
    ...unsupported(name, experimental.note),
    refusal: () =>
      Promise.reject(
        new StatusError(1, `docker checkpoint ${name} is only supported on a Docker daemon with experimental features enabled`),
      ),
  })),
};

export const unsupportedGroups: readonly CommandGroup[] = [
  ...swarmGroups,
  checkpoints,
  group(
    'compose',
    'Docker Compose',
    'build config create down exec kill logs ls pause port ps pull restart rm run start stop top unpause up',
    later,
  ),
  group('manifest', 'Manage Docker image manifests and manifest lists', 'annotate create inspect push rm', later),
  group('plugin', 'Manage plugins', 'create disable enable inspect install ls push rm set upgrade', 'there are no plugins'),
  group('trust', 'Manage trust on Docker images', 'inspect revoke sign', 'there is no signing service'),
];
