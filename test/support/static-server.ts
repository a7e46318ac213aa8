/** The plainest static file server: no special headers, any prefix. Counts what it sends; can lose a file on request. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

export interface StaticServer {
  readonly url: string;
  /** Bytes of bodies sent since the start or the last `forget`. */
  readonly bytes: number;
  forget(): void;
  /** Requests whose path matches are answered 404. */
  lose(pattern: RegExp | null): void;
  close(): Promise<void>;
}

export async function serveStatic(folder: string, prefix = '/'): Promise<StaticServer> {
  let bytes = 0;
  let lost: RegExp | null = null;
  const server = createServer((request, response) => {
    void (async () => {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://host').pathname);
      const inside = path.startsWith(prefix) ? normalize(path.slice(prefix.length)) : '..';
      const file = join(folder, inside === '' || inside === '.' ? 'index.html' : inside);
      const found = inside.startsWith('..') || lost?.test(path) === true ? null : await stat(file).catch(() => null);
      if (found === null || !found.isFile()) {
        response.writeHead(404).end('not found');
        return;
      }
      const tag = `"${found.size}-${found.mtimeMs}"`;
      if (request.headers['if-none-match'] === tag) {
        response.writeHead(304).end();
        return;
      }
      bytes += found.size;
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-length': found.size,
        etag: tag,
      });
      createReadStream(file).pipe(response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    get bytes() {
      return bytes;
    },
    forget() {
      bytes = 0;
    },
    lose(pattern) {
      lost = pattern;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
