/** A guest on which steps of builds are tried, without an engine around them. */
import { sourceOf, type ByteSource } from '../../../src/base/streams.ts';
import type { TarHeader } from '../../../src/base/tar/entry.ts';
import { tarOf } from '../../../src/base/tar/write.ts';
import { receiveContext, type ReceivedContext } from '../../../src/engine/build/context/receive.ts';
import { copyStep, type CopyContext, type CopyRequest } from '../../../src/engine/build/solve/copy-step.ts';
import { openLayers } from '../../../src/engine/build/solve/layer-files.ts';
import type { WrittenStep } from '../../../src/engine/build/solve/write-step.ts';
import { systemClock } from '../../../src/engine/clock.ts';
import type { ContainersContext } from '../../../src/engine/containers/context.ts';
import { Content } from '../../../src/engine/content/content.ts';
import { memoryBlobs } from '../../../src/engine/content/memory.ts';
import { portableSha256 } from '../../../src/engine/content/sha256.ts';
import { GuestLayerHost } from '../../../src/engine/layer-host.ts';
import { Changes } from '../../../src/engine/lock.ts';
import { createTestEngine } from '../../../src/engine/testing/engine.ts';
import { Guest } from '../../../src/guest/guest.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { inflate } from '../../../src/worker/inflate.ts';
import { copyLine } from '../../support/copy-line.ts';

export type Part = Partial<TarHeader> & { readonly path: string; readonly data?: Uint8Array };

/** A file has its path as its contents unless it is given others. */
export function archiveOf(parts: readonly Part[]): ByteSource {
  return tarOf(
    parts.map(({ data, ...part }) => {
      const header = {
        mode: 0o644,
        uid: 0,
        gid: 0,
        mtime: 1_000_000_000,
        link: '',
        major: 0,
        minor: 0,
        xattrs: new Map(),
        ...part,
      } as const;
      const type = part.type ?? 'file';
      const contents = type === 'file' ? (data ?? new TextEncoder().encode(part.path)) : new Uint8Array(0);
      return { header: { ...header, type, size: contents.length }, contents: sourceOf(contents) };
    }),
  );
}

export class BuildGuest {
  readonly context: CopyContext & ContainersContext;
  readonly content = new Content(memoryBlobs(), portableSha256, () => false);
  readonly #layers: GuestLayerHost;

  constructor(machine: Machine) {
    const { context: books, steps } = createTestEngine();
    const host = {
      ...books.host,
      dataRoot: '/var/lib/drydock',
      layerRoot: '/run/drydock/host/layers',
      initLayer: '/run/drydock/init-layer',
    };
    const runtime = new Guest(machine.channel);
    // Enough of them for hundreds of layers, each under a name of its own.
    const random = (bytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(bytes));
    this.context = { ...books, random, runtime, host, steps, inflate, clock: systemClock(), changes: new Changes() };
    this.#layers = new GuestLayerHost({ trees: { add: () => undefined, remove: () => undefined }, ...this.context });
  }

  receive(body: ByteSource): Promise<ReceivedContext> {
    const { random } = this.context;
    const options = { content: this.content, inflate, sha256: portableSha256, random, now: 1_200_000_000 };
    return receiveContext(body, { ...options, signal: new AbortController().signal });
  }

  async asLayer({ written, discard }: WrittenStep): Promise<string> {
    const directory = await this.#layers.keep(written);
    await discard();
    return directory;
  }

  /** @returns the layer, in the guest */
  async copy(layers: readonly string[], line: string, asked: Pick<CopyRequest, 'from'> & Partial<CopyRequest>): Promise<string> {
    const request = { ...copyLine(line), layers, fetched: new Map(), files: [], ...asked };
    return this.asLayer(await copyStep(this.context, request, new AbortController().signal));
  }

  /** All that layers show as one tree, by path. */
  async headers(layers: readonly string[], path = '/'): Promise<readonly TarHeader[]> {
    const { files, release } = await openLayers(this.context, layers);
    const found: TarHeader[] = [];
    const top = await files.find(path);
    if (top !== null) for await (const { header } of files.walk(top)) found.push(header);
    await release();
    return found;
  }
}
