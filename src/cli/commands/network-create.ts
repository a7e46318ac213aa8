import { toRecord } from '../../base/record.ts';
import type { Command } from '../command.ts';
import { csvFields } from '../flags/csv.ts';
import { acceptLabel } from '../flags/environment.ts';
import { ipamConfigs } from '../flags/ipam.ts';
import { full, none } from '../flags/support.ts';

const noSwarm = none('there is one node only');

export const networkCreate: Command = {
  use: 'create [OPTIONS] NETWORK',
  short: 'Create a network',
  arity: { rule: 'exactly', count: 1 },
  support: full,
  setup(flags) {
    const lists = { type: 'strings', repeats: true };
    const fields = (text: string): readonly string[] => csvFields(text);
    const attachable = flags.bool('attachable', '', 'Enable manual container attachment', full);
    const aux = flags.map('aux-address', 'Auxiliary IPv4 or IPv6 addresses used by Network driver', full);
    const configFrom = flags.string('config-from', '', 'The network from which to copy the configuration', full);
    const configOnly = flags.bool('config-only', '', 'Create a configuration only network', full);
    const driver = flags.string('driver', 'd', 'Driver to manage the Network', full, 'bridge');
    const gateways = flags.collect('gateway', '', 'IPv4 or IPv6 Gateway for the master subnet', full, lists, fields);
    const ingress = flags.bool('ingress', '', 'Create swarm routing-mesh network', noSwarm);
    const internal = flags.bool('internal', '', 'Restrict external access to the network', full);
    const ranges = flags.collect('ip-range', '', 'Allocate container ip from a sub-range', full, lists, fields);
    const ipamDriver = flags.string('ipam-driver', '', 'IP Address Management Driver', full, 'default');
    const ipamOptions = flags.map('ipam-opt', 'Set IPAM driver specific options', full);
    const ipv4 = flags.bool('ipv4', '', 'Enable or disable IPv4 address assignment', full, true);
    const ipv6 = flags.bool('ipv6', '', 'Enable or disable IPv6 address assignment', full);
    const labels = flags.list('label', '', 'Set metadata on a network', full, acceptLabel);
    const options = flags.mapWithShort('opt', 'o', 'Set driver specific options', full);
    const scope = flags.string('scope', '', "Control the network's scope", full);
    const subnets = flags.collect('subnet', '', 'Subnet in CIDR format that represents a network segment', full, lists, fields);
    return async (context, [name = '']) => {
      const Config = ipamConfigs({
        subnets: subnets.value.flat(),
        ranges: ranges.value.flat(),
        gateways: gateways.value.flat(),
        aux: aux.value,
      });
      const body = {
        Name: name,
        Driver: driver.value,
        Scope: scope.value,
        ...(ipv4.changed ? { EnableIPv4: ipv4.value } : {}),
        ...(ipv6.changed ? { EnableIPv6: ipv6.value } : {}),
        IPAM: { Driver: ipamDriver.value, Options: ipamOptions.value, Config },
        Internal: internal.value,
        Attachable: attachable.value,
        Ingress: ingress.value,
        ConfigOnly: configOnly.value,
        ConfigFrom: configFrom.value === '' ? null : { Network: configFrom.value },
        Options: options.value,
        Labels: toRecord(labels.value.map(labelEntry)),
      };
      const created = await context.client.json('POST', '/networks/create', { body });
      await context.out(`${created.string('Id')}\n`);
    };
  },
};

function labelEntry(text: string): readonly [string, string] {
  const [name = '', ...rest] = text.split('=');
  return [name, rest.join('=')];
}
