import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import type { JsonView } from '../json.ts';
import { listFormatUsage } from '../flags/format-usage.ts';
import { platformQuery } from '../flags/platform.ts';
import { full } from '../flags/support.ts';
import { writeRows } from '../format/table.ts';
import { rfc3339 } from '../../grammar/time.ts';
import { ellipsis, humanDuration, humanSize, shortId } from '../../grammar/units.ts';
import { rowValue, stringValue, type Value } from '../template/value.ts';

const headings = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
};

/** Dates up to here are no dates: reproducible images have the epoch. */
const leastHumanDate = Date.UTC(2000, 0, 1) / 1000;

export const history: Command = {
  use: 'history [OPTIONS] IMAGE',
  short: 'Show the history of an image',
  spellings: 'docker image history, docker history',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const human = flags.bool('human', 'H', 'Print sizes and dates in human readable format', full, true);
    const quiet = flags.bool('quiet', 'q', 'Only show image IDs', full);
    const noTrunc = flags.bool('no-trunc', '', "Don't truncate output", full);
    const format = flags.string('format', '', listFormatUsage, full);
    const platform = flags.string(
      'platform',
      '',
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      full,
    );
    return async (context, [image = '']) => {
      const list = await context.client.get(`/images/${segment(image)}/history`, { platform: platformQuery(platform.value) });
      const created = human.value ? '{{.CreatedSince}}' : '{{.CreatedAt}}';
      const table = quiet.value ? '{{.ID}}' : `table {{.ID}}\\t${created}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}`;
      const isTable = format.value === '' || format.value === 'table';
      const rows = list
        .items()
        .map((item) => historyRow(item, { human: human.value, truncate: !noTrunc.value, now: context.now() / 1000 }));
      await writeRows(context, { format: isTable ? table : format.value, headings, rows });
    };
  },
};

function historyRow(
  item: JsonView,
  { human, truncate, now }: { readonly human: boolean; readonly truncate: boolean; readonly now: number },
): Value {
  const created = item.number('Created');
  const createdBy = item.string('CreatedBy').replaceAll('\t', ' ');
  const text = (value: string): Value => stringValue(value);
  const createdAt = (): Value => text(rfc3339(created));
  return rowValue('*image.historyContext', {
    ID: () => text(truncate ? shortId(item.string('Id')) : item.string('Id')),
    CreatedAt: createdAt,
    CreatedSince: () => (human ? text(created <= leastHumanDate ? 'N/A' : `${humanDuration(now - created)} ago`) : createdAt()),
    CreatedBy: () => text(truncate ? ellipsis(createdBy, 45) : createdBy),
    Size: () => text(human ? humanSize(item.number('Size'), 3) : String(item.number('Size'))),
    Comment: () => text(item.string('Comment')),
  });
}
