/** A blob into a repository: found there, mounted from another one, or sent in pieces that go on where a connection broke. */
import { concatBytes } from '../../../base/bytes.ts';
import { AppError, toAppError } from '../../../base/errors.ts';
import type { ByteSource } from '../../../base/streams.ts';
import type { HttpResponse } from '../../../protocol/http.ts';
import type { Descriptor } from '../oci.ts';
import { cancelBody, type RegistryClient, type RegistryRequest } from './client.ts';
import { isPassing, refusalOf } from './errors.ts';

/** Bytes of a piece: it is kept until the registry has it. */
const pieceBytes = 2 * 1024 * 1024;
/** Moby: distribution/xfer/upload.go. */
const mostAttempts = 5;
const delayMilliseconds = 5000;
const mostMounts = 3;

export interface Blob {
  readonly descriptor: Descriptor;
  /** From its beginning, each time. */
  open(): Promise<ByteSource>;
  onProgress(bytes: number): void;
  /** Seconds until it is tried again. */
  onRetry(seconds: number): void;
}

export type Uploaded = { readonly how: 'exists' | 'pushed' } | { readonly how: 'mounted'; readonly from: string };

export interface Target {
  readonly client: RegistryClient;
  readonly path: string;
  readonly scopes: readonly string[];
}

/** @throws AppError in the registry's words; what the signal was aborted with */
export async function uploadBlob(target: Target, blob: Blob, mountFrom: readonly string[], signal: AbortSignal): Promise<Uploaded> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await new Upload(target, blob, signal).run(mountFrom);
    } catch (thrown) {
      signal.throwIfAborted();
      if (!isPassing(thrown) || attempt >= mostAttempts) throw thrown;
      await waitFor(target.client, attempt, blob, signal);
    }
}

async function waitFor({ clock }: RegistryClient, attempt: number, { onRetry }: Blob, signal: AbortSignal): Promise<void> {
  for (let left = (attempt * delayMilliseconds) / 1000; left > 0; left -= 1) {
    onRetry(left);
    await clock.after(1000, signal);
  }
}

class Upload {
  readonly #target: Target;
  readonly #blob: Blob;
  readonly #signal: AbortSignal;
  /** Where the next piece goes. */
  #location = '';
  /** Bytes that the registry has. */
  #sent = 0;

  constructor(target: Target, blob: Blob, signal: AbortSignal) {
    this.#target = target;
    this.#blob = blob;
    this.#signal = signal;
  }

  async run(mountFrom: readonly string[]): Promise<Uploaded> {
    const { digest } = this.#blob.descriptor;
    if (await this.#exists(digest)) return { how: 'exists' };
    for (const from of mountFrom.slice(0, mostMounts)) {
      if (await this.#begin(`?from=${encodeURIComponent(from)}&mount=${encodeURIComponent(digest)}`, from)) return { how: 'mounted', from };
    }
    if (this.#location === '') await this.#begin('');
    await this.#send();
    await this.#finish(digest);
    return { how: 'pushed' };
  }

  async #exists(digest: string): Promise<boolean> {
    const answer = await this.#request('HEAD', `/v2/${this.#target.path}/blobs/${digest}`);
    if (answer.status === 404) return false;
    if (answer.status >= 300) throw await refusalOf(answer);
    cancelBody(answer);
    return true;
  }

  /** @returns whether it was mounted, so that nothing is to be sent */
  async #begin(query: string, from?: string): Promise<boolean> {
    await this.#giveUp();
    const scopes = from === undefined ? [] : [`repository:${from}:pull`];
    const answer = await this.#ask('POST', `/v2/${this.#target.path}/blobs/uploads/${query}`, {
      scopes: [...this.#target.scopes, ...scopes],
    });
    if (answer.status === 201) return true;
    this.#take(answer);
    return false;
  }

  /** An upload that another repository's try began. */
  async #giveUp(): Promise<void> {
    if (this.#location === '') return;
    cancelBody(await this.#request('DELETE', this.#location));
    this.#location = '';
  }

  async #send(): Promise<void> {
    const source = await this.#blob.open();
    try {
      for (let piece = await nextPiece(source); piece !== null; piece = await nextPiece(source)) await this.#sendPiece(piece);
    } finally {
      source.cancel();
    }
  }

  async #sendPiece(piece: Uint8Array): Promise<void> {
    const start = this.#sent;
    const end = start + piece.length;
    for (let fruitless = 0; this.#sent < end;) {
      const before = this.#sent;
      try {
        const body = piece.subarray(before - start);
        const headers = { 'content-type': 'application/octet-stream', 'content-range': `${before}-${end - 1}` };
        this.#take(await this.#ask('PATCH', this.#location, { headers, body }));
        this.#sent = end;
      } catch (thrown) {
        if (this.#signal.aborted || toAppError(thrown).detail['isConnection'] !== true) throw thrown;
        this.#sent = await this.#received(start, end);
        fruitless = this.#sent > before ? 0 : fruitless + 1;
        if (fruitless >= mostAttempts) throw thrown;
      }
      this.#blob.onProgress(this.#sent);
    }
  }

  /** How much of it the registry has, after a connection broke. */
  async #received(start: number, end: number): Promise<number> {
    const answer = await this.#ask('GET', this.#location, {});
    const [, last = ''] = /^(?:bytes=)?0-(\d+)$/.exec(answer.headers['range'] ?? '') ?? [];
    this.#take(answer);
    // "0-0" is nothing, too.
    const received = Number(last) > 0 ? Number(last) + 1 : 0;
    if (last !== '' && received >= start && received <= end) return received;
    throw new AppError('internal', 'the registry has lost a part of the upload', { detail: { isConnection: true } });
  }

  async #finish(digest: string): Promise<void> {
    const separator = this.#location.includes('?') ? '&' : '?';
    cancelBody(await this.#ask('PUT', `${this.#location}${separator}digest=${encodeURIComponent(digest)}`, {}));
  }

  #take(answer: HttpResponse): void {
    cancelBody(answer);
    const location = (answer.headers['location'] ?? '').replace(/^https?:\/\/[^/]+/, '');
    if (location !== '' && !location.startsWith('/')) throw new AppError('internal', `an upload without a location: ${location}`);
    if (location !== '') this.#location = location;
    if (this.#location === '') throw new AppError('internal', 'an upload without a location');
  }

  async #ask(method: RegistryRequest['method'], target: string, more: Partial<RegistryRequest>): Promise<HttpResponse> {
    const answer = await this.#request(method, target, more);
    if (answer.status >= 300) throw await refusalOf(answer);
    return answer;
  }

  #request(method: RegistryRequest['method'], target: string, more: Partial<RegistryRequest> = {}): Promise<HttpResponse> {
    const { client, scopes } = this.#target;
    return client.send({ method, target, scopes, signal: this.#signal, ...more });
  }
}

/** null at the end. */
async function nextPiece(source: ByteSource): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < pieceBytes) {
    const chunk = await source.read();
    if (chunk === null) break;
    chunks.push(chunk);
    size += chunk.length;
  }
  return size === 0 ? null : concatBytes(chunks);
}
