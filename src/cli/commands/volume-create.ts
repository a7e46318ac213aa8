import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { acceptLabel } from '../flags/environment.ts';
import { full, none } from '../flags/support.ts';

const cluster = none('there is one node only');

export const volumeCreate: Command = {
  use: 'create [OPTIONS] [VOLUME]',
  short: 'Create a volume',
  arity: { rule: 'atMost', count: 1 },
  support: full,
  setup(flags) {
    const driver = flags.string('driver', 'd', 'Specify volume driver name', full, 'local');
    const label = flags.list('label', '', 'Set metadata for a volume', full, acceptLabel);
    const options = flags.mapWithShort('opt', 'o', 'Set driver specific options', full);
    flags.string('availability', '', 'Cluster Volume availability ("active", "pause", "drain")', cluster, 'active');
    flags.string('group', '', 'Cluster Volume group (cluster volumes)', cluster);
    flags.bytes('limit-bytes', '', 'Minimum size of the Cluster Volume in bytes', cluster);
    flags.bytes('required-bytes', '', 'Maximum size of the Cluster Volume in bytes', cluster);
    flags.string('scope', '', 'Cluster Volume access scope ("single", "multi")', cluster, 'single');
    flags.map('secret', 'Cluster Volume secrets', cluster);
    flags.string('sharing', '', 'Cluster Volume access sharing ("none", "readonly", "onewriter", "all")', cluster, 'none');
    flags.list('topology-preferred', '', 'A topology that the Cluster Volume would be preferred in', cluster);
    flags.list('topology-required', '', 'A topology that the Cluster Volume must be accessible from', cluster);
    flags.string('type', '', 'Cluster Volume access type ("mount", "block")', cluster, 'block');
    return async (context, [name = '']) => {
      const body = {
        Driver: driver.value,
        ...(Object.keys(options.value).length === 0 ? {} : { DriverOpts: options.value }),
        ...(label.value.length === 0 ? {} : { Labels: labelsOf(label.value) }),
        ...(name === '' ? {} : { Name: name }),
      };
      const volume = await context.client.post('/volumes/create', {}, body);
      const made = volume.string('Name');
      if (made === '') throw new StatusError(1, 'the daemon made a volume without a name');
      await context.out(`${made}\n`);
    };
  },
};

function labelsOf(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    labels.map((label) => {
      const equals = label.indexOf('=');
      return equals < 0 ? [label, ''] : [label.slice(0, equals), label.slice(equals + 1)];
    }),
  );
}
