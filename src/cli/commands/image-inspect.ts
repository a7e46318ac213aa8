import type { Command } from '../command.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full, none } from '../flags/support.ts';
import { fetchObject, imageKind, inspectObjects } from './inspect-objects.ts';

export const imageInspect: Command = {
  use: 'inspect [OPTIONS] IMAGE [IMAGE...]',
  short: 'Display detailed information on one or more images',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    flags.string('platform', '', 'Inspect a specific platform of the multi-platform image.', none('images are of one platform'));
    return (context, names) => inspectObjects(context, names, format.value, (name) => fetchObject(context, imageKind, name));
  },
};
