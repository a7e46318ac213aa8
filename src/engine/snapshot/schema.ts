import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { madeParentSchema, networkSchema } from '../networks/saved.ts';
import type { LogEntry } from '../../protocol/log.ts';
import { withBigints, type PlacedBigint } from './bigints.ts';
import { containerSchema, firewallRule, labels } from './container-schema.ts';

export const version = 10;

const volumesSchema = z.object({
  records: z.array(z.object({ name: z.string(), created: z.string(), labels: labels.nullable(), options: labels.nullable() })),
  made: z.array(z.string()),
  mounted: z.array(z.tuple([z.string(), z.array(z.string())])),
});

/** Written by this engine only; the kinds are checked where they are read. */
const logEntry = z.custom<LogEntry>(
  (value) => typeof value === 'object' && value !== null && 'sequence' in value && 'timeNano' in value && 'kind' in value,
);

const snapshotSchema = z.object({
  version: z.literal(version),
  containers: z.array(containerSchema),
  networks: z.array(networkSchema),
  parents: z.array(madeParentSchema).default([]),
  bridges: z.array(z.object({ network: z.string(), rules: z.array(firewallRule) })),
  next: z
    .object({ id: z.string(), layers: z.array(z.string()).readonly() })
    .nullable()
    .default(null),
  volumes: volumesSchema,
  views: z.object({ made: z.number(), open: z.array(z.string()).readonly() }).default({ made: 0, open: [] }),
  steps: z.array(z.object({ id: z.string(), cgroup: z.string(), folders: z.array(z.string()).readonly().default([]) })).default([]),
  buildCache: z
    .array(
      z.object({
        id: z.string(),
        key: z.string(),
        parent: z.string(),
        type: z.enum(['regular', 'source.local', 'exec.cachemount']),
        description: z.string(),
        diffId: z.string(),
        size: z.number(),
        created: z.string().regex(/^\d+$/),
        lastUsed: z.string().regex(/^\d+$/),
        usageCount: z.number(),
      }),
    )
    .default([]),
  /** Folders of the cache that are on the disk still, and whose records are gone. */
  goingFolders: z.array(z.string()).default([]),
  outside: z
    .object({
      handle: z.number(),
      names: z.array(z.tuple([z.string().max(253), z.number().int().min(0)])).readonly(),
      next: z.number().int().min(0),
    })
    .nullable()
    .default(null),
  log: z.object({ epoch: z.number(), last: z.number(), entries: z.array(logEntry) }),
});

const bigintsSchema = z.object({ bigints: z.array(z.object({ path: z.array(z.string()), digits: z.string().regex(/^-?\d{1,20}$/) })) });

/** @throws AppError invalid, and says which version where that is why */
export function parseSnapshot(snapshot: unknown): ParsedSnapshot {
  const found = typeof snapshot === 'object' && snapshot !== null && 'version' in snapshot ? snapshot.version : undefined;
  if (typeof found === 'number' && found !== version)
    throw new AppError('invalid', `a snapshot of another version of this engine: ${found}, not ${version}`);
  const places = bigintsSchema.safeParse(snapshot).data?.bigints ?? [];
  const parsed = snapshotSchema.safeParse(
    withBigints(
      snapshot,
      places.map(({ path, digits }) => ({ path: ['containers', ...path], digits })),
    ),
  );
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid', `not a snapshot of this engine: ${issue?.message ?? 'malformed'}`, { cause: parsed.error });
}

type ParsedSnapshot = z.output<typeof snapshotSchema>;

/** JSON; times as decimal nanoseconds, logs as Latin-1 text, `bigints` apart. */
export type EngineSnapshot = z.input<typeof snapshotSchema> & { readonly bigints: readonly PlacedBigint[] };
