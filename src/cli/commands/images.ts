import { respell, type Command } from '../command.ts';
import { filterFlag } from '../flags/filters.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { full, none } from '../flags/support.ts';
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
    flags.bool('tree', '', 'List multi-platform images as a tree (EXPERIMENTAL)', none('images are of one platform'));
    const filter = filterFlag(flags);
    return async (context, [pattern]) => {
      if (pattern !== undefined && pattern !== '') filter.value.add('reference', pattern);
      const list = await context.client.get('/images/json', { all: all.value ? '1' : undefined, filters: filter.value.query });
      await writeImages(context, list.items(), {
        format: format.value,
        quiet: quiet.value,
        digests: digests.value,
        truncate: !noTrunc.value,
      });
    };
  },
};

export const imageLs = respell(images, 'ls [OPTIONS] [REPOSITORY[:TAG]]', ['list']);
