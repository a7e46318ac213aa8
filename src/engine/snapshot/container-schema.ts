import { z } from 'zod';
import { containerConfigSchema, execConfigSchema, hostConfigSchema } from '../../protocol/engine-api.ts';
import { dictionary } from '../../protocol/engine-api/go-values.ts';

const integer = z.union([z.number(), z.bigint()]);
const nanoseconds = z.string().regex(/^\d+$/).transform(BigInt);
export const labels = dictionary(z.string());
const past = { startedAt: z.string(), finishedAt: z.string(), exitCode: z.number(), oomKilled: z.boolean(), error: z.string() };
const still = <S extends string>(status: S) => z.object({ status: z.literal(status), ...past });
const live = <S extends string>(status: S) => z.object({ status: z.literal(status), pid: z.number(), ...past });
const stateSchema = z.discriminatedUnion('status', [
  still('created'),
  live('running'),
  live('paused'),
  still('restarting'),
  still('exited'),
  still('removing'),
  still('dead'),
]);

const execSchema = z.object({
  id: z.string(),
  config: execConfigSchema,
  isProbe: z.boolean(),
  /** The handle of a running one; the exit code of one that ran. */
  run: z.object({ handle: z.number(), pid: z.number() }).nullable(),
  exit: z.object({ exitCode: z.number(), pid: z.number() }).nullable(),
});

const mountSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('bind'),
    source: z.string(),
    target: z.string(),
    mode: z.string(),
    readOnly: z.boolean(),
    propagation: z.enum(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']),
    recursive: z.boolean(),
    readOnlyBelow: z.boolean(),
    contradictory: z.boolean(),
    creates: z.boolean(),
  }),
  z.object({ type: z.literal('tmpfs'), target: z.string(), options: z.string(), readOnly: z.boolean(), listed: z.boolean() }),
  z.object({
    type: z.literal('volume'),
    name: z.string(),
    target: z.string(),
    mode: z.string(),
    readOnly: z.boolean(),
    anonymous: z.boolean(),
    subpath: z.string(),
  }),
  z.object({
    type: z.literal('image'),
    name: z.string(),
    imageId: z.string(),
    target: z.string(),
    subpath: z.string(),
    layers: z.array(z.string()).readonly(),
    id: z.string(),
  }),
]);

const endpointSchema = z.object({
  name: z.string(),
  networkId: z.string(),
  asked: z.object({
    addresses: z
      .object({ v4: z.string().optional(), v6: z.string().optional(), linkLocal: z.array(z.string()).readonly().optional() })
      .nullable(),
    mac: z.string(),
    aliases: z.array(z.string()).readonly().nullable(),
    links: z.array(z.string()).readonly().nullable(),
    driverOptions: labels.nullable(),
    gatewayPriority: integer,
    claimed: z
      .object({
        NetworkID: z.string(),
        EndpointID: z.string(),
        Gateway: z.string(),
        IPAddress: z.string(),
        IPPrefixLen: integer,
        IPv6Gateway: z.string(),
        GlobalIPv6Address: z.string(),
        GlobalIPv6PrefixLen: integer,
        DNSNames: z.array(z.string()).nullable(),
      })
      .nullable()
      .default(null),
  }),
  lease: z
    .object({
      endpointId: z.string(),
      link: z
        .object({
          address: z.string(),
          prefix: z.number(),
          gateway: z.string(),
          address6: z.string(),
          prefix6: z.number(),
          gateway6: z.string(),
          mac: z.string(),
          name: z.string(),
          hostName: z.string(),
        })
        .nullable(),
    })
    .nullable(),
  told: z.boolean(),
});

export const firewallRule = z.object({
  family: z.enum(['ip', 'ip6']),
  table: z.enum(['nat', 'filter', 'raw']),
  chain: z.string(),
  handle: z.number(),
});

const publicationSchema = z.object({
  networks: z.object({ v4: z.string().nullable(), v6: z.string().nullable() }),
  ports: z.array(z.object({ protocol: z.enum(['tcp', 'udp']), inside: z.number(), address: z.string(), outside: z.number() })),
  rules: z.array(firewallRule),
});

const healthSchema = z.object({
  status: z.enum(['starting', 'healthy', 'unhealthy']),
  failingStreak: z.number(),
  log: z.array(z.object({ start: z.string(), end: z.string(), exitCode: z.number(), output: z.string() })).readonly(),
});

export const containerSchema = z.object({
  id: z.string(),
  created: nanoseconds,
  imageId: z.string(),
  layers: z.array(z.string()),
  imageSize: z.number(),
  config: containerConfigSchema,
  command: z.array(z.string()),
  mounts: z.array(mountSchema),
  name: z.string(),
  links: z.array(z.object({ alias: z.string(), child: z.object({ id: z.string(), name: z.string() }) })),
  hostConfig: hostConfigSchema,
  state: stateSchema,
  handle: z.number().nullable(),
  resolver: z.number().nullable(),
  endpoints: z.array(endpointSchema),
  publication: publicationSchema.nullable(),
  isReleased: z.boolean(),
  restartCount: z.number(),
  restartDelay: z.number(),
  health: healthSchema.nullable(),
  logs: z.object({
    dropped: z.number(),
    chunks: z.array(z.tuple([z.string().regex(/^-?\d{1,20}$/), z.number().int().min(0), z.string()])),
    unfinished: z.object({ stdout: z.string(), stderr: z.string() }),
  }),
  execs: z.array(execSchema),
});

export type ContainerSnapshot = z.output<typeof containerSchema>;
