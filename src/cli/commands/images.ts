import type { Query } from '../client/engine-client.ts';
import { respell, type Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { filterFlag } from '../flags/filters.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { imageTree } from '../format/image-tree.ts';
import { writeImages } from '../format/images.ts';

export const images: Command = {
  use: 'images [OPTIONS] [REPOSITORY[:TAG]]',
  short: 'List images',
  spellings: 'docker image ls, docker image list, docker images',
  arity: { rule: 'atMost', count: 1 },
  support: full,
  setup(flags) {
    const quiet = flags.bool('quiet', 'q', 'Only show image IDs', full);
    const all = flags.bool('all', 'a', 'Show all images (default hides intermediate images)', full);
    const noTrunc = flags.bool('no-trunc', '', "Don't truncate output", full);
    const digests = flags.bool('digests', '', 'Show digests', full);
    const format = flags.string('format', '', listFormatUsage, full);
    const tree = flags.bool('tree', '', 'List multi-platform images as a tree (EXPERIMENTAL)', full);
    const filter = filterFlag(flags);
    return async (context, [pattern]) => {
      if (pattern !== undefined && pattern !== '') filter.value.add('reference', pattern);
      const query = { all: all.value ? '1' : undefined, filters: filter.value.query };
      if (tree.value) {
        const given = { quiet: quiet.value, 'no-trunc': noTrunc.value, 'show-digest': digests.value, format: format.value !== '' };
        for (const [name, isGiven] of Object.entries(given))
          if (isGiven) throw new StatusError(1, `--${name} is not yet supported with --tree`);
        return writeTree(context, query, all.value);
      }
      const list = await context.client.get('/images/json', query);
      await writeImages(context, list.items(), {
        format: format.value,
        quiet: quiet.value,
        digests: digests.value,
        truncate: !noTrunc.value,
      });
    };
  },
};

async function writeTree(context: CliContext, query: Query, all: boolean): Promise<void> {
  const { stdout, terminal } = context.session;
  const list = await context.client.get('/images/json', { ...query, manifests: '1' });
  const columns = stdout.isTty ? (terminal?.size().columns ?? 0) : 0;
  await context.out(imageTree(list.items(), all, { isTty: stdout.isTty, columns }));
}

export const imageLs = respell(images, 'ls [OPTIONS] [REPOSITORY[:TAG]]', ['list']);
