import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError, messageOf } from '../errors.ts';
import { parsePort } from '../../grammar/strconv.ts';
import { compareNatural } from '../format/natural-order.ts';
import { full } from '../flags/support.ts';
import type { JsonView } from '../json.ts';

export const port: Command = {
  use: 'port CONTAINER [PRIVATE_PORT[/PROTO]]',
  short: 'List port mappings or a specific mapping for the container',
  spellings: 'docker container port, docker port',
  arity: { rule: 'between', least: 1, most: 2 },
  support: full,
  setup:
    () =>
    async (context, [name = '', wanted]) => {
      const container = await context.client.get(`${containerPath(name)}/json`);
      const ports = container.get('NetworkSettings').entries('Ports');
      const lines =
        (wanted ?? '') === ''
          ? ports.flatMap(([inside, outside]) => outside.items().map((binding) => `${inside} -> ${address(binding)}`))
          : one(ports, wanted ?? '', name);
      if (lines.length > 0) await context.out(`${[...lines].sort(compareNatural).join('\n')}\n`);
    },
};

function one(ports: readonly (readonly [string, JsonView])[], wanted: string, name: string): readonly string[] {
  const [number = '', protocol = ''] = wanted.split('/');
  const port = `${portNumber(number)}/${protocol || 'tcp'}`;
  const bindings = ports.find(([inside]) => inside === port)?.[1].items() ?? [];
  if (bindings.length === 0) throw new StatusError(1, `Error: No public port '${wanted}' published for ${name}`);
  return bindings.map(address);
}

function portNumber(text: string): number {
  try {
    return parsePort(text);
  } catch (error) {
    throw new StatusError(1, `Error: invalid port (${text}): ${messageOf(error)}`);
  }
}

function address(binding: JsonView): string {
  const ip = binding.string('HostIp');
  return `${ip.includes(':') ? `[${ip}]` : ip}:${binding.string('HostPort')}`;
}
