import { copyTo } from '../client/demultiplex.ts';
import { containerPath } from '../client/engine-client.ts';
import { checkFile } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { messageOf, StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';

export const exportContainer: Command = {
  use: 'export [OPTIONS] CONTAINER',
  short: "Export a container's filesystem as a tar archive",
  spellings: 'docker container export, docker export',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const output = flags.string('output', 'o', 'Write to a file, instead of STDOUT', full);
    return async ({ session, client }, [name = '']) => {
      if (output.value === '' && session.stdout.isTty)
        throw new StatusError(1, 'cowardly refusing to save to a terminal. Use the -o flag or redirect');
      if (output.value !== '')
        await checkFile(session.folders, output.value).catch((thrown: unknown) => {
          throw new StatusError(1, `failed to export container: ${messageOf(thrown)}`);
        });
      const content = await client.stream('GET', `${containerPath(name)}/export`);
      if (output.value === '') return copyTo(content, session.stdout.sink);
      await session.folders.writeStream(output.value, content);
    };
  },
};
