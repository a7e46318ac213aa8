import { AppError, cancelled } from '../../../base/errors.ts';
import { createPace } from '../../../base/pace.ts';
import { iterate, untilAborted, type ByteSource } from '../../../base/streams.ts';
import { Background } from '../../background.ts';
import type { Clock } from '../../clock.ts';
import type { Content } from '../../content/content.ts';
import type { Incoming, Taken } from '../../content/incoming.ts';
import { randomUuid, type Random } from '../../random.ts';
import { RegistryError } from './errors.ts';

/** Milliseconds that an upload waits for its next byte: a push that was cut may go on until then. */
const idleMilliseconds = 30 * 60_000;
/** Of one host, at once. Docker pushes five layers of an image at a time. */
const most = { uploads: 64, bytes: 1024 * 1024 * 1024 };

/** A blob that a client sends in as many requests as it likes. */
export interface Upload {
  readonly id: string;
  readonly repository: string;
  /** Bytes that came so far. */
  readonly size: number;
}

interface OpenUpload {
  readonly id: string;
  readonly repository: string;
  readonly incoming: Incoming;
  readonly size: number;
  /** Ends what waits for its end. */
  control: AbortController;
  /** The request that is about it. */
  busy: Promise<unknown> | null;
  /** Unix nanoseconds of the last byte. */
  touched: bigint;
}

export interface UploadsOptions {
  readonly content: Pick<Content, 'receive'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** Uploads of a host. None of them is found as a blob before it is whole and what its digest says. */
export class Uploads {
  readonly #open = new Map<string, OpenUpload>();
  readonly #options: UploadsOptions;
  readonly #background = new Background();
  #opening = 0;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws RegistryError TOOMANYREQUESTS */
  async start(repository: string): Promise<Upload> {
    if (this.#open.size + this.#opening >= most.uploads)
      throw new RegistryError('TOOMANYREQUESTS', `at most ${most.uploads} uploads are open at once`);
    this.#opening += 1;
    try {
      const incoming = await this.#options.content.receive();
      const upload: OpenUpload = {
        id: randomUuid(this.#options.random),
        repository,
        incoming,
        control: new AbortController(),
        busy: null,
        touched: this.#options.clock.now(),
        get size() {
          return incoming.size;
        },
      };
      this.#open.set(upload.id, upload);
      upload.control = this.#background.start('upload', (signal) => this.#expire(upload, signal));
      return upload;
    } finally {
      this.#opening -= 1;
    }
  }

  /** @throws RegistryError BLOB_UPLOAD_UNKNOWN */
  find(repository: string, id: string): Upload {
    return this.#find(repository, id);
  }

  /**
   * Adds to an upload. What came before the body broke off stays: the client asks how much, and goes on from there.
   * @throws RegistryError SIZE_INVALID, BLOB_UPLOAD_INVALID; what the body rejects with
   */
  async receive({ repository, id }: Upload, body: ByteSource, signal: AbortSignal): Promise<void> {
    const upload = this.#find(repository, id);
    const ended = await this.#alone(upload, async () => {
      const pace = createPace();
      for await (const chunk of iterate(untilAborted(untilAborted(body, signal), upload.control.signal))) {
        if (pace.isDue()) await pace.turn();
        if (this.#bytes() + chunk.length > most.bytes) return 'too large';
        await upload.incoming.write(chunk);
        upload.touched = this.#options.clock.now();
      }
      return 'well';
    });
    if (ended === 'well') return;
    await this.discard(upload);
    throw new RegistryError('SIZE_INVALID', `uploads have at most ${most.bytes} bytes together`, { status: 413 });
  }

  /** It is over, whatever comes of it. @throws RegistryError DIGEST_INVALID */
  async finish({ repository, id }: Upload, digest: string): Promise<Taken> {
    const upload = this.#find(repository, id);
    try {
      return await this.#alone(upload, () => upload.incoming.finish(digest));
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.kind === 'invalid')
        throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', { detail: { digest } });
      throw thrown;
    } finally {
      this.#open.delete(id);
      upload.control.abort();
    }
  }

  /** Forgets it; resolves when nothing is left of it. */
  async discard({ id }: Upload): Promise<void> {
    const upload = this.#open.get(id);
    this.#open.delete(id);
    upload?.control.abort(cancelled('the upload'));
    await upload?.busy?.catch(() => undefined);
    await upload?.incoming.abort();
  }

  /** Forgets all; others may begin. */
  async discardAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map((upload) => this.discard(upload)));
  }

  /** Of the owner: forgets all, and what still begins. Resolves when nothing goes on. */
  async end(): Promise<void> {
    this.#background.end();
    await this.#background.over();
  }

  #find(repository: string, id: string): OpenUpload {
    const upload = this.#open.get(id);
    if (upload?.repository === repository) return upload;
    throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
  }

  async #alone<T>(upload: OpenUpload, work: () => Promise<T>): Promise<T> {
    if (upload.busy !== null) throw new RegistryError('BLOB_UPLOAD_INVALID', 'another request is about this upload', { status: 409 });
    const working = work();
    upload.busy = working;
    try {
      return await working;
    } finally {
      upload.busy = null;
    }
  }

  #bytes(): number {
    return [...this.#open.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async #expire(upload: OpenUpload, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    for (let left = idleMilliseconds; left > 0 && !signal.aborted;) {
      await clock.after(left, signal).catch(() => undefined);
      left = idleMilliseconds - Number((clock.now() - upload.touched) / 1_000_000n);
    }
    // `finish` and `discard` have taken it out, and clear up themselves.
    await this.discard(upload);
  }
}
