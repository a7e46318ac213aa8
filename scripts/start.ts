/** `npm start [-- --port N --host ADDRESS]`: builds the page, the guest's start state too when it is missing or stale, and serves it locally. */
import { parseArgs } from 'node:util';
import { compressSite } from './compress.ts';
import { serveSite, type SiteServer } from './serve.ts';
import { buildSite, siteFolder } from './site.ts';

const tries = 20;

const { values } = parseArgs({ options: { port: { type: 'string' }, host: { type: 'string', default: '127.0.0.1' } } });
await buildSite((line) => console.log(line));
await compressSite(siteFolder);
const server =
  values.port === undefined ? await onFreePort(4173) : await serveSite(siteFolder, { host: values.host, port: Number(values.port) });
console.log(`\nDrydock is at ${server.url}  (Ctrl-C stops it)`);

/** The first port from this one on that nobody has; only where none was asked for. */
async function onFreePort(first: number): Promise<SiteServer> {
  for (let port = first; ; port += 1) {
    try {
      return await serveSite(siteFolder, { host: values.host, port });
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || port - first >= tries) throw error;
    }
  }
}
