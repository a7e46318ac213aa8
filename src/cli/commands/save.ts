import { copyTo } from '../client/demultiplex.ts';
import { checkFile } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { messageOf, StatusError } from '../errors.ts';
import { platformQuery } from '../flags/platform.ts';
import { full } from '../flags/support.ts';

export const save: Command = {
  use: 'save [OPTIONS] IMAGE [IMAGE...]',
  short: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
  spellings: 'docker image save, docker save',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const output = flags.string('output', 'o', 'Write to a file, instead of STDOUT', full);
    const platform = flags.string(
      'platform',
      '',
      'Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      full,
    );
    return async ({ session, client }, names) => {
      const wanted = platformQuery(platform.value);
      if (output.value === '' && session.stdout.isTty)
        throw new StatusError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
      if (output.value !== '')
        await checkFile(session.folders, output.value).catch((thrown: unknown) => {
          throw new StatusError(1, `failed to save image: ${messageOf(thrown)}`);
        });
      const content = await client.stream('GET', '/images/get', { query: { names, platform: wanted } });
      if (output.value === '') return copyTo(content, session.stdout.sink);
      await session.folders.writeStream(output.value, content);
    };
  },
};
