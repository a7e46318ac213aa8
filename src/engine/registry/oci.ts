/** The documents of an OCI image (opencontainers/image-spec 1.1, and Docker's older media types of the same shape). */
import { z } from 'zod';
import { AppError } from '../../base/errors.ts';
import { fromUtf8 } from '../../base/bytes.ts';
import { imageConfigSchema } from '../../protocol/engine-api.ts';
import { decodeJson } from '../../protocol/json-body.ts';

const digestSchema = z.string().regex(/^sha256:[a-f0-9]{64}$/);
const platformSchema = z.object({ architecture: z.string(), os: z.string(), variant: z.string().optional() });

export const descriptorSchema = z.object({
  mediaType: z.string(),
  digest: digestSchema,
  size: z.number().int().nonnegative(),
  annotations: z.record(z.string(), z.string()).optional(),
  platform: platformSchema.optional(),
});
export type Descriptor = z.output<typeof descriptorSchema>;
export type Platform = z.output<typeof platformSchema>;

export const indexSchema = z.object({ schemaVersion: z.literal(2), manifests: z.array(descriptorSchema) });

export const manifestSchema = z.object({
  schemaVersion: z.literal(2),
  config: descriptorSchema,
  layers: z.array(descriptorSchema),
});
export type Manifest = z.output<typeof manifestSchema>;

const historySchema = z.object({
  created: z.string().optional(),
  created_by: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  empty_layer: z.boolean().optional(),
});

export const configSchema = z.object({
  created: z.string().optional(),
  author: z.string().optional(),
  architecture: z.string(),
  variant: z.string().optional(),
  os: z.string(),
  config: imageConfigSchema,
  rootfs: z.object({ type: z.string(), diff_ids: z.array(digestSchema) }),
  history: z.array(historySchema).optional(),
});
export type OciConfig = z.output<typeof configSchema>;

export function isIndex(descriptor: Descriptor): boolean {
  return descriptor.mediaType === 'application/vnd.oci.image.index.v1+json' || descriptor.mediaType.endsWith('manifest.list.v2+json');
}

/** @param what named in the error @throws AppError invalid */
export function parseDocument<T extends z.ZodType>(schema: T, bytes: Uint8Array, what: string): z.output<T> {
  let value: unknown;
  try {
    value = decodeJson(fromUtf8(bytes));
  } catch (thrown) {
    throw new AppError('invalid', `${what} is not JSON`, { cause: thrown });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError('invalid', `${what}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
