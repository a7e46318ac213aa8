/** One repository of a registry: its manifests, tags and blobs. */
import { z } from 'zod';
import { fromUtf8 } from '../../../base/bytes.ts';
import { AppError } from '../../../base/errors.ts';
import { readAll, type ByteSource } from '../../../base/streams.ts';
import { decodeJson } from '../../../protocol/json-body.ts';
import { digestOf } from '../../content/verified.ts';
import type { Descriptor } from '../oci.ts';
import { bodyOf, cancelBody, type RegistryClient } from './client.ts';
import { isPassing, refusalOf } from './errors.ts';
import { uploadBlob, type Blob, type Uploaded } from './upload.ts';

const manifestTypes = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
];

/** Bytes, as containerd takes them. */
const largestManifest = 8 * 1024 * 1024;
const mostTags = 10_000;
const mostPages = 100;
/** Connections in turn over which nothing of a blob came. */
const mostAttempts = 5;

export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export class Repository {
  readonly client: RegistryClient;
  readonly path: string;

  /** @param path "library/busybox" */
  constructor(client: RegistryClient, path: string) {
    this.client = client;
    this.path = path;
  }

  /** @param reference a tag or a digest @throws AppError not_found "manifest unknown: …", and others of the registry's; invalid for other bytes than a digest's */
  async manifest(reference: string, signal: AbortSignal): Promise<Manifest> {
    const answer = await this.client.ask({
      method: 'GET',
      target: this.#target(`manifests/${reference}`),
      headers: { accept: manifestTypes.join(', ') },
      scopes: this.#scopes('pull'),
      signal,
    });
    const bytes = await readAll(bodyOf(answer), largestManifest);
    const digest = digestOf(bytes);
    if (reference.startsWith('sha256:') && digest !== reference)
      throw new AppError('invalid', `manifest verification failed for digest ${reference}`);
    return { descriptor: { mediaType: mediaTypeOf(answer.headers['content-type'] ?? '', bytes), digest, size: bytes.length }, bytes };
  }

  /** @throws AppError not_found "name unknown: …" */
  async tags(signal: AbortSignal): Promise<readonly string[]> {
    const found: string[] = [];
    let target = this.#target('tags/list');
    for (let page = 0; target !== '' && page < mostPages && found.length < mostTags; page += 1) {
      const answer = await this.client.ask({ method: 'GET', target, scopes: this.#scopes('pull'), signal });
      found.push(...tagsSchema.parse(decodeJson(fromUtf8(await readAll(bodyOf(answer), largestManifest)))).tags);
      target = nextPage(answer.headers['link'] ?? '');
    }
    return found.slice(0, mostTags);
  }

  /** A blob's bytes, unverified; asked for again from where a connection broke. */
  async blob(descriptor: Descriptor, signal: AbortSignal): Promise<ByteSource> {
    let [offset, fruitless] = [0, 0];
    let source: ByteSource | null = await this.#open(descriptor, 0, signal);
    const next = async (): Promise<Uint8Array | null> => {
      source ??= await this.#open(descriptor, offset, signal);
      const chunk = await source.read();
      if (chunk === null && offset < descriptor.size)
        throw new AppError('unavailable', 'unexpected EOF', { detail: { isConnection: true } });
      return chunk;
    };
    return {
      read: async () => {
        for (;;)
          try {
            const chunk = await next();
            offset += chunk?.length ?? 0;
            if (chunk !== null) fruitless = 0;
            return chunk;
          } catch (thrown) {
            source?.cancel(thrown);
            const isBroken = source !== null || isPassing(thrown);
            source = null;
            fruitless += 1;
            if (signal.aborted || !isBroken || fruitless >= mostAttempts) throw thrown;
            await this.client.clock.after(fruitless === 1 ? 0 : 1000 * fruitless, signal);
          }
      },
      cancel: (reason) => source?.cancel(reason),
    };
  }

  /** @param mountFrom other repositories of the registry that have it perhaps */
  upload(blob: Blob, mountFrom: readonly string[], signal: AbortSignal): Promise<Uploaded> {
    return uploadBlob({ client: this.client, path: this.path, scopes: this.#scopes('pull,push') }, blob, mountFrom, signal);
  }

  async putManifest(tag: string, { descriptor, bytes }: Manifest, signal: AbortSignal): Promise<void> {
    const answer = await this.client.ask({
      method: 'PUT',
      target: this.#target(`manifests/${tag}`),
      headers: { 'content-type': descriptor.mediaType },
      body: bytes,
      scopes: this.#scopes('pull,push'),
      signal,
    });
    cancelBody(answer);
  }

  async #open({ digest, mediaType }: Descriptor, offset: number, signal: AbortSignal): Promise<ByteSource> {
    const answer = await this.client.send({
      method: 'GET',
      target: this.#target(`${manifestTypes.includes(mediaType) ? 'manifests' : 'blobs'}/${digest}`),
      headers: { accept: mediaType, ...(offset === 0 ? {} : { range: `bytes=${offset}-` }) },
      scopes: this.#scopes('pull'),
      signal,
    });
    if (answer.status >= 300) throw await refusalOf(answer);
    const body = bodyOf(answer);
    return answer.status === 206 ? body : behind(body, offset);
  }

  #target(rest: string): string {
    return `/v2/${this.path}/${rest}`;
  }

  #scopes(actions: string): readonly string[] {
    return [`repository:${this.path}:${actions}`];
  }
}

const tagsSchema = z.object({
  tags: z
    .array(z.string())
    .nullish()
    .transform((tags) => tags ?? []),
});

/** RFC 8288: the target of what is next. */
function nextPage(link: string): string {
  const [, target = ''] = /^<(?:https?:\/\/[^/>]+)?(\/v2\/[^>]*)>;\s*rel="?next"?/.exec(link) ?? [];
  return target;
}

const typed = z.object({ mediaType: z.string() });

function mediaTypeOf(header: string, bytes: Uint8Array): string {
  const [type = ''] = header.split(';');
  if (manifestTypes.includes(type.trim())) return type.trim();
  const inside = typed.safeParse(decodeJson(fromUtf8(bytes)));
  return inside.success ? inside.data.mediaType : type.trim();
}

/** What comes after the first so many bytes. */
function behind(source: ByteSource, offset: number): ByteSource {
  let left = offset;
  return {
    async read() {
      for (;;) {
        const chunk = await source.read();
        if (chunk === null || left === 0) return chunk;
        const skipped = Math.min(left, chunk.length);
        left -= skipped;
        if (skipped < chunk.length) return chunk.subarray(skipped);
      }
    },
    cancel: (reason) => source.cancel(reason),
  };
}
