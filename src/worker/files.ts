import type { GuestAnswer, GuestFile, GuestQuery, PlaygroundFiles } from '../protocol/playground.ts';
import { answerQueries } from './guest-queries.ts';
import type { Host } from './host.ts';

/** Files of the guest and of its containers. */
export class Files implements PlaygroundFiles {
  readonly #host: () => Host;

  constructor(host: () => Host) {
    this.#host = host;
  }

  async inspect(queries: readonly GuestQuery[]): Promise<readonly GuestAnswer[]> {
    return answerQueries(this.#host(), queries);
  }

  async write(files: readonly GuestFile[]): Promise<void> {
    await this.#host().guest.files.write({ files: files.map(({ path, bytes, mode }) => ({ path, contents: bytes, mode })) });
  }
}
