import type { Command } from '../command.ts';
import type { CliContext } from '../context.ts';
import { dockerEndpoint } from '../contexts/contexts.ts';
import { endpointFrom, type EndpointConfig } from '../contexts/endpoint.ts';
import { defaultName, validateName } from '../contexts/store.ts';
import { StatusError } from '../errors.ts';
import { endpointFlag } from '../flags/endpoint.ts';
import { full } from '../flags/support.ts';
import type { JsonObject } from '../json.ts';

export const endpointHelp = `Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:
`;

const example = '--description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file"';

/** @param verb create or update */
export function endpointLong(short: string, verb: string): string {
  return `${short}\n\n${endpointHelp}\n$ docker context ${verb} my-context ${example}`;
}

interface NewContext {
  readonly name: string;
  readonly description: string;
}

export const contextCreate: Command = {
  use: 'create [OPTIONS] CONTEXT',
  short: 'Create a context',
  long: endpointLong('Create a context', 'create'),
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const description = flags.string('description', '', 'Description of the context', full);
    const docker = endpointFlag(flags);
    const from = flags.string('from', '', 'create context from a named context', full);
    return async (context, [name = '']) => {
      const made = { name, description: description.value };
      await checkNew(context, name);
      if (from.value !== '' && docker.changed) throw new StatusError(1, 'cannot use --docker flag when --from is set');
      if (docker.changed) await createNew(context, made, docker.value);
      else await createFrom(context, made, from.value || (await context.contexts.current()));
      await context.out(`${name}\n`);
      await context.err(`Successfully created context "${name}"\n`);
    };
  },
};

/** @throws StatusError for a bad name and for one that is taken */
export async function checkNew({ contexts }: CliContext, name: string): Promise<void> {
  validateName(name);
  if ((await contexts.store.find(name)) !== undefined) throw new StatusError(1, `context "${name}" already exists`);
}

/** Of the default context what is kept is where it leads by now. */
async function createFrom({ contexts }: CliContext, { name, description }: NewContext, from: string): Promise<void> {
  const source = await contexts.get(from);
  const own = from === defaultName ? { Description: defaultDescription } : source.Metadata;
  const Metadata = description === '' ? own : { ...own, Description: description };
  await contexts.store.save({ ...source, Name: name, Metadata });
  if (from !== defaultName) await contexts.store.saveTls(name, await contexts.store.tls(from));
}

export const defaultDescription = 'Current DOCKER_HOST based configuration';

async function createNew(context: CliContext, { name, description }: NewContext, config: EndpointConfig): Promise<void> {
  const { store } = context.contexts;
  const { meta, tls } = await endpointFrom(context.session, config, (from) => endpointOf(context, from));
  const Metadata: JsonObject = description === '' ? {} : { Description: description };
  await store.save({ Name: name, Metadata, Endpoints: { docker: meta } });
  await store.saveTls(name, tls);
}

export async function endpointOf({ contexts }: CliContext, name: string): Promise<JsonObject> {
  return dockerEndpoint(await contexts.get(name));
}
