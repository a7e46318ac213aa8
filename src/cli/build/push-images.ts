/** `--push`: the engine pushes what was built, name after name (buildx: build/build.go, pushWithMoby). */
import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from '../../base/bytes.ts';
import { toAppError } from '../../base/errors.ts';
import { fullName, parseReference, withDefaultTag } from '../../grammar/reference.ts';
import type { BuildStatus } from '../../protocol/build-progress.ts';
import type { TraceMessage } from '../../protocol/buildkit/trace.ts';
import { registryAuth } from '../client/registry-auth.ts';
import type { CliContext } from '../context.ts';

type Heard = (message: TraceMessage) => Promise<void>;

/** @param names as typed @returns what the registry or the engine says of the first that could not be pushed; '' */
export async function pushImages(context: CliContext, names: readonly string[], heard: Heard): Promise<string> {
  for (const name of names) {
    const error = await pushImage(context, name, heard);
    if (error !== '') return error;
  }
  return '';
}

async function pushImage(context: CliContext, typed: string, heard: Heard): Promise<string> {
  const now = (): bigint => BigInt(context.now()) * 1_000_000n;
  const started = now();
  const name = `pushing ${typed} with docker`;
  const digest = `sha256:${toHex(sha256(utf8(`${name} ${started}`)))}`;
  const vertex = { kind: 'vertex', digest, inputs: [], name, started, cached: false } as const;
  await heard({ ...vertex, completed: null, error: '' });
  const layers = new LayerStatuses(digest, now, heard);
  const error = await push(context, typed, layers).catch((thrown: unknown) => toAppError(thrown).message);
  if (error === '') await layers.end();
  await heard({ ...vertex, completed: now(), error });
  return error;
}

async function push(context: CliContext, typed: string, layers: LayerStatuses): Promise<string> {
  const reference = withDefaultTag(parseReference(typed));
  const messages = context.client.jsonStream('POST', `/images/${fullName(reference)}/push`, {
    query: { tag: reference.tag ?? undefined },
    headers: await registryAuth(context, reference.domain),
  });
  for await (const message of messages) {
    const error = message.string('error');
    if (error !== '') return error;
    const progress = message.get('progressDetail');
    await layers.hear({
      layer: message.string('id'),
      status: message.string('status'),
      amounts: progress.isNull ? null : { current: progress.number('current'), total: progress.number('total') },
    });
  }
  return '';
}

interface Told {
  readonly layer: string;
  readonly status: string;
  /** Bytes; null: nothing is said of them. */
  readonly amounts: { readonly current: number; readonly total: number } | null;
}

class LayerStatuses {
  readonly #all = new Map<string, BuildStatus>();

  constructor(
    private readonly vertex: string,
    private readonly now: () => bigint,
    private readonly heard: Heard,
  ) {}

  async hear({ layer, status, amounts }: Told): Promise<void> {
    const isPushed = status === 'Pushed';
    const known = this.#all.get(layer);
    if (layer === '' || (known === undefined && amounts === null && !isPushed)) return;
    const now = this.now();
    const blank = { kind: 'status', vertex: this.vertex, id: `pushing layer ${layer}`, current: 0, total: 0, started: now } as const;
    const before = known ?? { ...blank, timestamp: now, completed: null };
    const next = { ...before, ...(amounts ?? {}), timestamp: now };
    await this.#tell(layer, isPushed ? { ...next, current: next.total, completed: now } : next);
  }

  async end(): Promise<void> {
    for (const [layer, status] of this.#all) if (status.completed === null) await this.#tell(layer, { ...status, completed: this.now() });
  }

  async #tell(layer: string, status: BuildStatus): Promise<void> {
    this.#all.set(layer, status);
    await this.heard(status);
  }
}
