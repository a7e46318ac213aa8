import { iterate, type ByteSource } from '../base/streams.ts';

/** Gunzips as it reads (Compression Streams; browsers and Node 18+ have them). Rejects on damaged data. */
export function inflate(source: ByteSource): ByteSource {
  const gunzip = new DecompressionStream('gzip');
  const writer = gunzip.writable.getWriter();
  const feed = async (): Promise<void> => {
    for await (const chunk of iterate(source)) await writer.write(new Uint8Array(chunk));
    await writer.close();
  };
  const feeding = feed();
  feeding.catch((error: unknown) => writer.abort(error).catch(() => undefined));
  const reader = gunzip.readable.getReader();
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    cancel(reason) {
      reader.cancel(reason).catch(() => undefined);
      source.cancel(reason);
    },
  };
}
