/** The configuration of an image that is made here, as Docker writes it: OCI's, with what Docker adds (moby: image/image.go). */
import { utf8 } from '../../base/bytes.ts';
import { jsonText } from '../../base/json-text.ts';
import { rfc3339Nano } from '../../grammar/time.ts';
import { containerConfigSchema, type ContainerConfig } from '../../protocol/engine-api.ts';
import type { OciConfig } from '../registry/oci.ts';
import { engineVersion } from '../system/version.ts';

type History = NonNullable<OciConfig['history']>[number];

export interface WrittenConfig {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly author?: string;
  readonly comment?: string;
  readonly config: ContainerConfig;
  readonly container?: string;
  readonly containerConfig: ContainerConfig;
  /** Unix nanoseconds. */
  readonly created: bigint;
  readonly history: readonly History[];
  /** Bottom first. */
  readonly diffIds: readonly string[];
}

export const blankConfig: ContainerConfig = containerConfigSchema.parse({});

export function writeConfig({ containerConfig, created, diffIds, history, ...image }: WrittenConfig): Uint8Array {
  return utf8(
    jsonText({
      architecture: image.architecture,
      ...(isSaid(image.variant) ? { variant: image.variant } : {}),
      ...(isSaid(image.author) ? { author: image.author } : {}),
      ...(isSaid(image.comment) ? { comment: image.comment } : {}),
      // In the order of Go's fields, whatever changed them.
      config: containerConfigSchema.parse(image.config),
      ...(isSaid(image.container) ? { container: image.container } : {}),
      container_config: containerConfig,
      created: rfc3339Nano(created),
      docker_version: engineVersion,
      history,
      os: image.os,
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
}

function isSaid(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
