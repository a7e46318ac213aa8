import { AppError } from '../../base/errors.ts';
import { segment } from '../client/engine-client.ts';
import { respell, type Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { platformQuery } from '../flags/platform.ts';
import { full } from '../flags/support.ts';

export const rmi: Command = {
  use: 'rmi [OPTIONS] IMAGE [IMAGE...]',
  short: 'Remove one or more images',
  spellings: 'docker image rm, docker image remove, docker rmi',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const force = flags.bool('force', 'f', 'Force removal of the image', full);
    const noPrune = flags.bool('no-prune', '', 'Do not delete untagged parents', full);
    const platforms = flags.collect(
      'platform',
      '',
      'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
      full,
      { type: 'strings', repeats: true },
      (text) => text,
    );
    return async (context, names) => {
      const failures: unknown[] = [];
      const wanted = platforms.value.map((text) => platformQuery(text) ?? '');
      const query = {
        force: force.value ? '1' : undefined,
        noprune: noPrune.value ? '1' : undefined,
        ...(wanted.length === 0 ? {} : { platforms: wanted }),
      };
      for (const name of names) {
        try {
          const removed = await context.client.json('DELETE', `/images/${segment(name)}`, { query });
          for (const item of removed.items()) {
            const deleted = item.string('Deleted');
            await context.out(deleted === '' ? `Untagged: ${item.string('Untagged')}\n` : `Deleted: ${deleted}\n`);
          }
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length === 0) return 0;
      const message = failures.map(messageOf).join('\n');
      const onlyAbsent = failures.every((failure) => failure instanceof AppError && failure.kind === 'not_found');
      if (!force.value || !onlyAbsent) throw new StatusError(1, message);
      await context.err(`${message}\n`);
      return 0;
    };
  },
};

export const imageRm = respell(rmi, 'rm [OPTIONS] IMAGE [IMAGE...]', ['rmi', 'remove']);
