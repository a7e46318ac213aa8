import { copyTo, demultiplex } from '../client/demultiplex.ts';
import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { flagTime } from '../engine-time.ts';

export const logs: Command = {
  use: 'logs [OPTIONS] CONTAINER',
  short: 'Fetch the logs of a container',
  spellings: 'docker container logs, docker logs',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const follow = flags.bool('follow', 'f', 'Follow log output', full);
    const since = flags.string(
      'since',
      '',
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
      full,
    );
    const until = flags.string(
      'until',
      '',
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
      full,
    );
    const timestamps = flags.bool('timestamps', 't', 'Show timestamps', full);
    const details = flags.bool('details', '', 'Show extra details provided to logs', full);
    const tail = flags.string('tail', 'n', 'Number of lines to show from the end of the logs', full, 'all');
    return async (context, [name = '']) => {
      const container = await context.client.get(`${containerPath(name)}/json`);
      const flag = (on: boolean): string | undefined => (on ? '1' : undefined);
      const query = {
        stdout: '1',
        stderr: '1',
        since: flagTime('since', since.value, context.now()),
        until: flagTime('until', until.value, context.now()),
        timestamps: flag(timestamps.value),
        details: flag(details.value),
        follow: flag(follow.value),
        tail: tail.value,
      };
      const source = await context.client.stream('GET', `${containerPath(container.string('Id'))}/logs`, { query });
      const { stdout, stderr } = context.session;
      if (container.get('Config').bool('Tty')) await copyTo(source, stdout.sink);
      else await demultiplex(source, stdout.sink, stderr.sink);
    };
  },
};
