import { z } from 'zod';
import { ipamConfigSchema } from '../../protocol/engine-api.ts';
import { dictionary } from '../../protocol/engine-api/go-values.ts';

/** What a snapshot has of networks. */

const parentDriver = z.enum(['macvlan', 'ipvlan']);
const labels = dictionary(z.string());

/** A network, without its leases: those are their containers'. */
export const networkSchema = z.object({
  id: z.string(),
  name: z.string(),
  driver: z.enum(['bridge', 'host', 'null', 'macvlan', 'ipvlan']),
  created: z.string(),
  bridge: z
    .object({
      interfaceName: z.string(),
      mtu: z.number(),
      icc: z.boolean(),
      masquerade: z.boolean(),
    })
    .nullable(),
  parent: z
    .object({
      driver: parentDriver,
      interfaceName: z.string(),
      isDummy: z.boolean(),
      mode: z.number(),
      flags: z.number(),
      routes: z.enum(['gateway', 'device']),
    })
    .nullable()
    .default(null),
  ipv4: z.boolean(),
  ipv6: z.boolean(),
  pools: z
    .array(
      z.object({
        subnet: z.string(),
        isChosen: z.boolean(),
        range: z.string(),
        gateway: z.string(),
        reserved: z.array(z.string()).readonly(),
      }),
    )
    .readonly(),
  ipam: z.object({ driver: z.string(), options: labels.nullable(), config: z.array(ipamConfigSchema).readonly().nullable() }),
  internal: z.boolean(),
  attachable: z.boolean(),
  configFrom: z.string(),
  configOnly: z.boolean(),
  options: labels,
  labels,
});

/** An interface that was made for networks to stand upon. */
export const madeParentSchema = z.object({ driver: parentDriver, interfaceName: z.string() });
