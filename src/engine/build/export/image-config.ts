/** What a build made, as an image's configuration (moby/buildkit: exporter/containerimage/writer.go). */
import { utf8 } from '../../../base/bytes.ts';
import { jsonText } from '../../../base/json-text.ts';
import { rfc3339Nano } from '../../../grammar/time.ts';
import type { ContainerConfig } from '../../../protocol/engine-api.ts';
import type { History, StagePlan } from '../plan/model.ts';

interface Made {
  /** Bottom first. */
  readonly diffIds: readonly string[];
  /** Of the topmost layers, the times at which they were made. */
  readonly times: readonly bigint[];
  /** Where nothing else says when it was made. */
  readonly now: bigint;
}

/** In the order of Go's fields; a build of the same layers gives the same bytes. */
export function builtConfig({ platform, config, history, author }: StagePlan, { diffIds, times, now }: Made): Uint8Array {
  const filled = withTimes(history, times, diffIds.length);
  return utf8(
    jsonText({
      ...(author === '' ? {} : { author }),
      architecture: platform.architecture,
      ...(platform.variant === undefined || platform.variant === '' ? {} : { variant: platform.variant }),
      config: imageConfig(config),
      created: filled.at(-1)?.created ?? rfc3339Nano(now),
      history: filled,
      os: platform.os,
      rootfs: { type: 'layers', diff_ids: diffIds },
    }),
  );
}

/** Layers have the time at which they were made; what has none has that of the first new layer, or of the one before. */
function withTimes(history: readonly History[], times: readonly bigint[], layers: number): History[] {
  const first = layers - times.length;
  let layer = 0;
  const timed = history.map((entry) => {
    if (entry.empty_layer === true) return entry;
    const time = times[layer - first];
    layer += 1;
    return time === undefined ? entry : { created: rfc3339Nano(time), ...entry };
  });
  let created = firstTime(timed);
  let isMissing = false;
  return timed.map((entry) => {
    if (entry.created !== undefined) {
      if (isMissing) ({ created } = entry);
      return entry;
    }
    isMissing = true;
    return created === undefined ? entry : { created, ...entry };
  });
}

/** Of the first layer behind an entry without a time; else of the last that has one. */
function firstTime(history: readonly History[]): string | undefined {
  let isMissing = false;
  let created: string | undefined;
  for (const entry of history) {
    if (entry.created === undefined) isMissing = true;
    else {
      ({ created } = entry);
      if (isMissing) return created;
    }
  }
  return created;
}

/** OCI's image-spec, config.md, and what Docker adds: only what is said. */
const fields = (
  'User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal ArgsEscaped ' + 'Healthcheck OnBuild Shell'
).split(' ') as readonly (keyof ContainerConfig)[];

function imageConfig(config: ContainerConfig): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.flatMap((name) => (isSaid(config[name]) ? [[name, config[name]]] : [])));
}

function isSaid(value: unknown): boolean {
  if (value === null || value === undefined || value === '' || value === false) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
