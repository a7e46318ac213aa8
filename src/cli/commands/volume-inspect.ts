import type { Command } from '../command.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { fetchObject, inspectObjects, volumeKind } from './inspect-objects.ts';

export const volumeInspect: Command = {
  use: 'inspect [OPTIONS] VOLUME [VOLUME...]',
  short: 'Display detailed information on one or more volumes',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    return (context, names) => inspectObjects(context, names, format.value, (name) => fetchObject(context, volumeKind, name));
  },
};
