import { toRecord } from '../../base/record.ts';
import { emptyEndpoint } from '../../protocol/engine-api.ts';
import { objectPath } from '../client/engine-client.ts';
import type { Command } from '../command.ts';
import { StatusError } from '../errors.ts';
import { csvFields } from '../flags/csv.ts';
import { noLinkLocal } from './container-flags.ts';
import { acceptLink } from '../flags/container-values.ts';
import { full, partial } from '../flags/support.ts';

export const networkConnect: Command = {
  use: 'connect [OPTIONS] NETWORK CONTAINER',
  short: 'Connect a container to a network',
  arity: { rule: 'exactly', count: 2 },
  support: full,
  setup(flags) {
    const strings = { type: 'strings', repeats: true };
    const ipv4 = flags.string('ip', '', 'IPv4 address (e.g., "172.30.100.104")', full);
    const ipv6 = flags.string('ip6', '', 'IPv6 address (e.g., "2001:db8::33")', full);
    const links = flags.list('link', '', 'Add link to another container', full, acceptLink);
    const aliases = flags.collect('alias', '', 'Add network-scoped alias for the container', full, strings, (text) => csvFields(text));
    const linkLocal = flags.collect('link-local-ip', '', 'Add a link-local address for the container', noLinkLocal, strings, (text) =>
      csvFields(text),
    );
    const options = flags.collect(
      'driver-opt',
      '',
      'driver options for the network',
      partial('com.docker.network.endpoint.ifname; others mean nothing'),
      strings,
      (text) => csvFields(text),
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
        ...(linkLocal.value.length === 0 ? {} : { LinkLocalIPs: linkLocal.value.flat() }),
      };
      const settings = {
        ...emptyEndpoint,
        IPAMConfig: addresses,
        Links: links.value.length === 0 ? null : links.value,
        Aliases: aliases.value.flat(),
        DriverOpts: driverOptions(options.value.flat()),
        GwPriority: priority.value,
      };
      await context.client.call('POST', `${objectPath('network', network)}/connect`, {
        body: { Container: container, EndpointConfig: settings },
      });
    };
  },
};

/** docker/cli, network connect, convertDriverOpt. Throws StatusError. */
function driverOptions(texts: readonly string[]): Readonly<Record<string, string>> {
  return toRecord(
    texts.map((text) => {
      const [name = '', ...rest] = text.split('=');
      if (name.trim() === '' || rest.length === 0) throw new StatusError(1, 'invalid key/value pair format in driver options');
      return [name.trim(), rest.join('=').trim()];
    }),
  );
}
