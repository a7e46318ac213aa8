import type { Command } from '../command.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { containerKind, fetchObject, inspectObjects } from './inspect-objects.ts';

export const containerInspect: Command = {
  use: 'inspect [OPTIONS] CONTAINER [CONTAINER...]',
  short: 'Display detailed information on one or more containers',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    const size = flags.bool('size', 's', 'Display total file sizes', full);
    return (context, names) =>
      inspectObjects(context, names, format.value, (name) => fetchObject(context, containerKind(size.value), name));
  },
};
