/** `npm run dev [-- --port N --host ADDRESS]`: the page with hot reload over the real guest; an edited tutorial or component is seen at once. */
import { readFile } from 'node:fs/promises';
import { join, normalize, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createServer, type Plugin, type ViteDevServer } from 'vite';
import { prepareGuest, type PreparedGuest } from '../src/worker/node/prepare-guest.ts';

const root = resolve(import.meta.dirname, '..');

/** What scripts/site.ts puts beside a built page, served from where it lies. */
function besideThePage({ manifest, paths }: PreparedGuest): Plugin {
  const served = [
    ['/images/', join(root, 'images', 'oci')],
    ['/tools/', join(root, 'tools', 'store')],
  ] as const;
  const find = (path: string): string | Buffer | null => {
    if (path === '/guest/manifest.json') return Buffer.from(JSON.stringify(manifest));
    if (path.startsWith('/guest/')) return paths[path.slice('/guest/'.length)] ?? null;
    const [prefix, folder] = served.find(([start]) => path.startsWith(start)) ?? [];
    if (prefix === undefined || folder === undefined) return null;
    const file = normalize(join(folder, path.slice(prefix.length)));
    return file.startsWith(folder) ? file : null;
  };
  return {
    name: 'drydock-beside-the-page',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const found = find(decodeURIComponent(new URL(request.url ?? '/', 'http://page').pathname));
        if (found === null) return next();
        void (typeof found === 'string' ? readFile(found) : Promise.resolve(found)).then(
          (bytes) => response.setHeader('content-length', bytes.length).end(bytes),
          () => response.writeHead(404).end('not found'),
        );
      });
    },
  };
}

/** Boots the guest's start state when it is missing or stale, and listens. @param port 0 for any that is free */
export async function startDevServer(
  say: (line: string) => void,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<ViteDevServer> {
  const guest = await prepareGuest(say);
  const server = await createServer({ root, logLevel: 'warn', server: { host, port }, plugins: [besideThePage(guest)] });
  await server.listen();
  return server;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '5173' }, host: { type: 'string', default: '127.0.0.1' } } });
  const server = await startDevServer((line) => console.log(line), { host: values.host, port: Number(values.port) });
  console.log(`\nDrydock, for development, is at ${server.resolvedUrls?.local[0] ?? ''}  (Ctrl-C stops it)`);
}
