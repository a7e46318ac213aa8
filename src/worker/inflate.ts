import { iterate, type ByteSource } from '../base/streams.ts';

/**
 * Gunzips as it reads (Compression Streams; browsers and Node 18+ have them). Rejects on damaged data. Who cancels gets null from then on;
 * the stream is left as it stands and collected: Node's throws outside every promise when it is cancelled while it unpacks.
 */
export function inflate(source: ByteSource): ByteSource {
  const gunzip = new DecompressionStream('gzip');
  const writer = gunzip.writable.getWriter();
  const reader = gunzip.readable.getReader();
  let endRead = (): void => undefined;
  let over = false;
  const feed = async (): Promise<void> => {
    for await (const chunk of iterate(source)) {
      await writer.write(new Uint8Array(chunk));
      if (over) return;
    }
    await writer.close();
  };
  feed().catch((error: unknown) => (over ? undefined : writer.abort(error).catch(() => undefined)));
  reader.closed.catch(() => undefined);
  return {
    read: () =>
      new Promise((resolve, reject) => {
        endRead = () => resolve(null);
        if (over) endRead();
        else reader.read().then(({ done, value }) => resolve(done ? null : value), reject);
      }),
    cancel(reason) {
      if (over) return;
      over = true;
      endRead();
      source.cancel(reason);
    },
  };
}
