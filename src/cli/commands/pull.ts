import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full, partial } from '../flags/support.ts';
import { fullName, parseReference, withDefaultTag } from '../../grammar/reference.ts';
import { pullImage } from './pull-image.ts';

export const pull: Command = {
  use: 'pull [OPTIONS] NAME[:TAG|@DIGEST]',
  short: 'Download an image from a registry',
  spellings: 'docker image pull, docker pull',
  arity: { rule: 'exactly', count: 1 },
  support: partial('of the images that come with Drydock and of registries it can reach'),
  setup(flags) {
    const allTags = flags.bool('all-tags', 'a', 'Download all tagged images in the repository', full);
    const quiet = flags.bool('quiet', 'q', 'Suppress verbose output', full);
    const platform = flags.string(
      'platform',
      '',
      'Set platform if server is multi-platform capable',
      partial('sent to the engine, whose images are linux/386'),
    );
    flags.bool('disable-content-trust', '', 'Skip image verification', partial('accepted; there is no signing service'), true);
    return async (context, [name = '']) => {
      const given = parseReference(name);
      const isNameOnly = given.tag === null && given.digest === null;
      if (allTags.value && !isNameOnly) throw new StatusError(1, "tag can't be used with --all-tags/-a");
      const reference = allTags.value ? given : withDefaultTag(given);
      if (isNameOnly && !allTags.value && !quiet.value) await context.out(`Using default tag: ${reference.tag}\n`);
      await pullImage(context, { reference, platform: platform.value, quiet: quiet.value, progress: 'stdout', allTags: allTags.value });
      const tag = reference.tag === null ? '' : `:${reference.tag}`;
      const digest = reference.digest === null ? '' : `@${reference.digest}`;
      await context.out(`${fullName(reference)}${tag}${digest}\n`);
    };
  },
};
