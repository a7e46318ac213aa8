import type { Command } from '../command.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { platformQuery } from '../flags/platform.ts';
import { full } from '../flags/support.ts';
import { fetchObject, imageKind, inspectObjects } from './inspect-objects.ts';

const platformUsage = `Inspect a specific platform of the multi-platform image.
If the image or the server is not multi-platform capable, the command will error out if the platform does not match.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`;

export const imageInspect: Command = {
  use: 'inspect [OPTIONS] IMAGE [IMAGE...]',
  short: 'Display detailed information on one or more images',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    const platform = flags.string('platform', '', platformUsage, full);
    return (context, names) => {
      const wanted = platformQuery(platform.value, '');
      const kind = wanted === undefined ? imageKind : { ...imageKind, query: { platform: wanted } };
      return inspectObjects(context, names, format.value, (name) => fetchObject(context, kind, name));
    };
  },
};
