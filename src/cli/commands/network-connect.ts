import { emptyEndpoint } from '../../protocol/engine-api.ts';
import { objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { csvFields } from '../flags/csv.ts';
import { full, none } from '../flags/support.ts';

export const networkConnect: Command = {
  use: 'connect [OPTIONS] NETWORK CONTAINER',
  short: 'Connect a container to a network',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup(flags) {
    const strings = { type: 'strings' };
    const ipv4 = flags.string('ip', '', 'IPv4 address (e.g., "172.30.100.104")', full);
    const ipv6 = flags.string('ip6', '', 'IPv6 address (e.g., "2001:db8::33")', full);
    flags.list('link', '', 'Add link to another container', none('legacy links do not exist here'));
    const aliases = flags.collect('alias', '', 'Add network-scoped alias for the container', full, strings, (text) => csvFields(text));
    flags.collect(
      'link-local-ip',
      '',
      'Add a link-local address for the container',
      none('containers have no IPv6'),
      strings,
      (text) => text,
    );
    flags.collect(
      'driver-opt',
      '',
      'driver options for the network',
      none('the bridge driver has no options here'),
      strings,
      (text) => text,
    );
    const priority = flags.int(
      'gw-priority',
      '',
      'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
      full,
    );
    return async (context, [network = '', container = '']) => {
      const addresses = {
        ...(ipv4.value === '' ? {} : { IPv4Address: ipv4.value }),
        ...(ipv6.value === '' ? {} : { IPv6Address: ipv6.value }),
      };
      const settings = {
        ...emptyEndpoint,
        IPAMConfig: addresses,
        Aliases: aliases.value.flat(),
        DriverOpts: {},
        GwPriority: priority.value,
      };
      await context.client.call('POST', `${objectPath('network', network)}/connect`, {
        body: { Container: container, EndpointConfig: settings },
      });
    };
  },
};
