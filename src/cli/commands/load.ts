import { localFile } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import { platformQuery } from '../flags/platform.ts';
import { showProgress } from '../format/progress.ts';

export const load: Command = {
  use: 'load [OPTIONS]',
  short: 'Load an image from a tar archive or STDIN',
  spellings: 'docker image load, docker load',
  arity: { rule: 'none' },
  support: full,
  setup(flags) {
    const input = flags.string('input', 'i', 'Read from tar archive file, instead of STDIN', full);
    const quiet = flags.bool('quiet', 'q', 'Suppress the load output', full);
    const platform = flags.string(
      'platform',
      '',
      'Load only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      full,
    );
    return async (context) => {
      const { session, client } = context;
      if (input.value === '' && session.stdin.isTty) throw new StatusError(1, 'requested load from stdin, but stdin is empty');
      const stream = input.value === '' ? session.stdin.source : await localFile(session, input.value);
      const wanted = platformQuery(platform.value);
      const isQuiet = quiet.value || !session.stdout.isTty;
      const messages = client.jsonStream('POST', '/images/load', { query: { quiet: isQuiet ? '1' : '0', platform: wanted }, stream });
      await showProgress(context, messages, 'stdout');
    };
  },
};
