import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { full } from '../flags/support.ts';
import { fullName, parseReference, withDefaultTag } from '../../grammar/reference.ts';

export const commit: Command = {
  use: 'commit [OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
  short: "Create a new image from a container's changes",
  spellings: 'docker container commit, docker commit',
  arity: { rule: 'between', least: 1, most: 2 },
  support: full,
  setup(flags) {
    const author = flags.string('author', 'a', 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")', full);
    const changes = flags.list('change', 'c', 'Apply Dockerfile instruction to the created image', full);
    const message = flags.string('message', 'm', 'Commit message', full);
    const pause = flags.bool('pause', 'p', 'Pause container during commit', full, true);
    return async (context, [container = '', name = '']) => {
      // As docker's client, which asks for a name that is none at all before it asks the engine.
      containerPath(container);
      const answer = await context.client.json('POST', '/commit', {
        query: {
          container,
          ...named(name),
          comment: message.value,
          author: author.value,
          changes: changes.value,
          pause: pause.value ? undefined : '0',
        },
      });
      await context.out(`${answer.string('Id')}\n`);
    };
  },
};

function named(text: string): { readonly repo: string; readonly tag: string } {
  if (text === '') return { repo: '', tag: '' };
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest !== null) throw new StatusError(1, 'refusing to create a tag with a digest reference');
  return { repo: fullName(reference), tag: reference.tag ?? '' };
}
