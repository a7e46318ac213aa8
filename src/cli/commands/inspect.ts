import { segment } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { StatusError, messageOf } from '../errors.ts';
import { goQuote } from '../../grammar/go-quote.ts';
import { inspectFormatUsage } from '../flags/format-usage.ts';
import { full, partial } from '../flags/support.ts';
import {
  containerKind,
  fetchObject,
  imageKind,
  inspectObjects,
  isAbsence,
  networkKind,
  volumeKind,
  type InspectedObject,
  type ObjectKind,
} from './inspect-objects.ts';

const types = ['config', 'container', 'image', 'network', 'node', 'plugin', 'secret', 'service', 'task', 'volume'];

const pluginKind: ObjectKind = { name: 'plugin', type: 'types.Plugin', path: (name) => `/plugins/${segment(name)}/json` };

export const inspect: Command = {
  use: 'inspect [OPTIONS] NAME|ID [NAME|ID...]',
  short: 'Return low-level information on Docker objects',
  arity: { rule: 'atLeast', count: 1 },
  support: full,
  setup(flags) {
    const format = flags.string('format', 'f', inspectFormatUsage, full);
    const type = flags.string('type', '', 'Only inspect objects of the given type', partial('no swarm objects, no plugins'));
    const size = flags.bool('size', 's', 'Display total file sizes if the type is container', full);
    return async (context, names) => {
      const known = `must be one of "${types.join('", "')}"`;
      if (type.changed && type.value === '') throw new StatusError(1, `type is empty: ${known}`);
      if (type.value !== '' && !types.includes(type.value)) throw new StatusError(1, `unknown type: ${goQuote(type.value)}: ${known}`);
      await inspectObjects(context, names, format.value, (name) => search(context, name, type.value, size.value));
    };
  },
};

/** Without a swarm there are no nodes, services, secrets and the like to look for; docker asks, so that it knows. */
async function askForSwarm(context: CliContext): Promise<void> {
  await context.client.get('/info').catch((error: unknown) => context.err(`${messageOf(error)}\n`));
}

/** The first kind that has an object of this name. */
async function search(context: CliContext, name: string, type: string, size: boolean): Promise<InspectedObject> {
  const candidates = [containerKind(size), imageKind, networkKind, volumeKind, pluginKind].filter(
    (kind) => type === '' || kind.name === type,
  );
  for (const kind of candidates) {
    if (kind === pluginKind && type === '') await askForSwarm(context);
    try {
      const found = await fetchObject(context, kind, name);
      if (size && kind.name !== 'container') await context.err(`WARNING: --size ignored for ${kind.name}\n`);
      return found;
    } catch (error) {
      if (type !== '' || !isAbsence(error)) throw error;
    }
  }
  throw new StatusError(1, `Error: No such object: ${name}`);
}
