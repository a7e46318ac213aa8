import type { Command } from '../command.ts';
import { endpointFrom } from '../contexts/endpoint.ts';
import { validateName } from '../contexts/store.ts';
import { endpointFlag } from '../flags/endpoint.ts';
import { full } from '../flags/support.ts';
import { endpointLong, endpointOf } from './context-create.ts';

export const contextUpdate: Command = {
  use: 'update [OPTIONS] CONTEXT',
  short: 'Update a context',
  long: endpointLong('Update a context', 'update'),
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const description = flags.string('description', '', 'Description of the context', full);
    const docker = endpointFlag(flags);
    return async (context, [name = '']) => {
      const { store } = context.contexts;
      validateName(name);
      const found = await store.get(name);
      const Metadata = description.value === '' ? found.Metadata : { ...found.Metadata, Description: description.value };
      if (docker.changed) {
        const { meta, tls } = await endpointFrom(context.session, docker.value, (from) => endpointOf(context, from));
        await store.save({ ...found, Metadata, Endpoints: { ...found.Endpoints, docker: meta } });
        await store.saveTls(name, tls);
      } else await store.save({ ...found, Metadata });
      await context.out(`${name}\n`);
      await context.err(`Successfully updated context "${name}"\n`);
    };
  },
};
