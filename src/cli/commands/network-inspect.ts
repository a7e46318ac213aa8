import type { Command } from '../command.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full } from '../flags/support.ts';
import { fetchObject, inspectObjects, networkKind } from './inspect-objects.ts';

export const networkInspect: Command = {
  use: 'inspect [OPTIONS] NETWORK [NETWORK...]',
  short: 'Display detailed information on one or more networks',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    const verbose = flags.bool('verbose', 'v', 'Verbose output for diagnostics', full);
    return (context, names) => {
      const kind = { ...networkKind, query: { verbose: verbose.value ? 'true' : undefined } };
      return inspectObjects(context, names, format.value, (name) => fetchObject(context, kind, name));
    };
  },
};
