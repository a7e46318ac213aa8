import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { full } from '../flags/support.ts';
import { fullName, parseReference, withDefaultTag, type Reference } from '../../grammar/reference.ts';

export const tag: Command = {
  use: 'tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  spellings: 'docker image tag, docker tag',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup:
    () =>
    async (context, [source = '', target = '']) => {
      if (!/^(sha256:)?[a-f0-9]{64}$/.test(source)) parse(source, 'is not a valid repository/tag');
      const reference = withDefaultTag(parse(target, 'is not a valid repository/tag'));
      if (reference.digest !== null) throw new StatusError(1, 'refusing to create a tag with a digest reference');
      await context.client.call('POST', `/images/${segment(source)}/tag`, {
        query: { repo: fullName(reference), tag: reference.tag ?? undefined },
      });
    },
};

function parse(text: string, complaint: string): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    throw new StatusError(1, `Error parsing reference: ${goQuote(text)} ${complaint}: ${messageOf(error)}`);
  }
}
