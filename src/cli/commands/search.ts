import type { Command } from '../command.ts';
import type { JsonView } from '../json.ts';
import { filterFlag } from '../flags/filters.ts';
import { full } from '../flags/support.ts';
import { writeRows } from '../format/table.ts';
import { ellipsis } from '../../grammar/units.ts';
import { rowValue, stringValue } from '../template/value.ts';

const headings = { Name: 'NAME', Description: 'DESCRIPTION', StarCount: 'STARS', IsOfficial: 'OFFICIAL' };
const table = 'table {{.Name}}\\t{{.Description}}\\t{{.StarCount}}\\t{{.IsOfficial}}';

export const search: Command = {
  use: 'search [OPTIONS] TERM',
  short: 'Search Docker Hub for images',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const filter = filterFlag(flags, 'Filter output based on conditions provided');
    const format = flags.string('format', '', 'Pretty-print search using a Go template', full);
    const limit = flags.int('limit', '', 'Max number of search results', full);
    const noTrunc = flags.bool('no-trunc', '', "Don't truncate output", full);
    return async (context, [term = '']) => {
      const list = await context.client.get('/images/search', {
        term,
        limit: Number(limit.value) > 0 ? String(limit.value) : undefined,
        filters: filter.value.query,
      });
      await writeRows(context, {
        format: format.value === '' || format.value === 'table' ? table : format.value,
        headings,
        rows: list.items().map((item) => searchRow(item, !noTrunc.value)),
      });
    };
  },
};

function searchRow(item: JsonView, truncate: boolean): ReturnType<typeof rowValue> {
  const description = item.string('description').replace(/[\n\r]/g, ' ');
  let isJson = false;
  // cli/command/registry/formatter_search.go: formatBool.
  const official = (is: boolean): string => (isJson ? String(is) : is ? '[OK]' : '');
  return rowValue(
    '*registry.searchContext',
    {
      Name: () => stringValue(item.string('name')),
      Description: () => stringValue(truncate ? ellipsis(description, 45) : description),
      StarCount: () => stringValue(String(item.number('star_count'))),
      IsOfficial: () => stringValue(official(item.bool('is_official'))),
    },
    {},
    () => (isJson = true),
  );
}
