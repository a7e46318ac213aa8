import { containerPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { goQuote } from '../go-quote.ts';
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
        wanted === undefined
          ? ports.flatMap(([inside, outside]) => outside.items().map((binding) => `${inside} -> ${address(binding)}`))
          : one(ports, wanted, name);
      if (lines.length > 0) await context.out(`${[...lines].sort(compareNatural).join('\n')}\n`);
    },
};

function one(ports: readonly (readonly [string, JsonView])[], wanted: string, name: string): readonly string[] {
  const [number = '', protocol = 'tcp'] = wanted.split('/');
  if (!/^\d+$/.test(number))
    throw new StatusError(1, `Error: invalid port (${number}): strconv.ParseUint: parsing ${goQuote(number)}: invalid syntax`);
  const bindings = ports.find(([inside]) => inside === `${number}/${protocol}`)?.[1].items() ?? [];
  if (bindings.length === 0) throw new StatusError(1, `Error: No public port '${wanted}' published for ${name}`);
  return bindings.map(address);
}

function address(binding: JsonView): string {
  const ip = binding.string('HostIp');
  return `${ip.includes(':') ? `[${ip}]` : ip}:${binding.string('HostPort')}`;
}
