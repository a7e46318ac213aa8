import { localFile } from '../client/local-path.ts';
import type { Command } from '../command.ts';
import { full } from '../flags/support.ts';
import { showProgress } from '../format/progress.ts';
import { partial } from '../flags/support.ts';
import { parseReference } from '../../grammar/reference.ts';

export const importImage: Command = {
  use: 'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  short: 'Import the contents from a tarball to create a filesystem image',
  spellings: 'docker image import, docker import',
  arity: { rule: 'atLeast', count: 1 },
  support: partial('of files and of standard input; the engine fetches no URLs'),
  setup(flags) {
    const changes = flags.list('change', 'c', 'Apply Dockerfile instruction to the created image', full);
    const message = flags.string('message', 'm', 'Set commit message for imported image', full);
    const platform = flags.string('platform', '', 'Set platform if server is multi-platform capable', full);
    return async (context, [source = '', name = '']) => {
      const { session, client } = context;
      const isUrl = /^https?:\/\//.test(source);
      const stream = isUrl ? undefined : source === '-' ? session.stdin.source : await localFile(session, source);
      if (name !== '') parseReference(name);
      const messages = client.jsonStream('POST', '/images/create', {
        query: {
          fromSrc: isUrl ? source : '-',
          repo: name || undefined,
          message: message.value || undefined,
          platform: platform.value.toLowerCase() || undefined,
          changes: changes.value,
        },
        ...(stream === undefined ? {} : { stream }),
      });
      await showProgress(context, messages, 'stdout');
    };
  },
};
