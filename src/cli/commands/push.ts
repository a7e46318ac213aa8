import { fullName, fullString, parseReference, withDefaultTag } from '../../grammar/reference.ts';
import { registryAuth } from '../client/registry-auth.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError } from '../errors.ts';
import { platformQuery } from '../flags/platform.ts';
import { full, partial } from '../flags/support.ts';
import { showProgress } from '../format/progress.ts';

const platformUsage = `Push a platform-specific manifest as a single-platform image to the registry.
Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.
'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)`;

export const push: Command = {
  use: 'push [OPTIONS] NAME[:TAG]',
  short: 'Upload an image to a registry',
  spellings: 'docker image push, docker push',
  arity: { rule: 'exactly', count: 1 },
  support: partial('to registries of the playground and of its own ports; the headless engine reaches those of its machine, too'),
  setup(flags) {
    const allTags = flags.bool('all-tags', 'a', 'Push all tags of an image to the repository', full);
    const quiet = flags.bool('quiet', 'q', 'Suppress verbose output', full);
    flags.bool('disable-content-trust', '', 'Skip image signing', partial('accepted; there is no signing service'), true);
    const platform = flags.string('platform', '', platformUsage, partial('checked: an image is of one platform'));
    return async (context, [name = '']) => {
      const wanted = await platformOf(context, platform.value);
      const given = parseReference(name);
      const isNameOnly = given.tag === null && given.digest === null;
      if (allTags.value && !isNameOnly) throw new StatusError(1, "tag can't be used with --all-tags/-a");
      const reference = allTags.value ? given : withDefaultTag(given);
      if (isNameOnly && !allTags.value && !quiet.value) await context.out(`Using default tag: ${reference.tag}\n`);
      if (reference.digest !== null) throw new StatusError(1, 'cannot push a digest reference');
      const messages = context.client.jsonStream('POST', `/images/${fullName(reference)}/push`, {
        query: { tag: reference.tag ?? undefined, platform: wanted },
        headers: await registryAuth(context, reference.domain),
      });
      await showProgress(context, messages, quiet.value ? null : 'stdout');
      if (quiet.value) await context.out(`${fullString(reference)}\n`);
    };
  },
};

async function platformOf(context: CliContext, text: string): Promise<string | undefined> {
  if (text === '') return undefined;
  let wanted: string | undefined;
  try {
    wanted = platformQuery(text, '');
  } catch (error) {
    await context.err(`Invalid platform ${text}`);
    throw error;
  }
  await context.out(
    '\n Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index.\n' +
      '         Other components, like attestations, will not be included.\n' +
      '         To push the complete multi-platform image, remove the --platform flag.\n         \n',
  );
  return wanted;
}
