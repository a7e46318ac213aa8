/** `npm start [-- --port N --host ADDRESS]`: builds the page, the guest's start state too when it is missing or stale, and serves it locally. */
import { parseArgs } from 'node:util';
import { preview } from 'vite';
import { buildSite } from './site.ts';

const { values } = parseArgs({ options: { port: { type: 'string', default: '4173' }, host: { type: 'string', default: '127.0.0.1' } } });

await buildSite((line) => console.log(line));
const server = await preview({ logLevel: 'warn', preview: { port: Number(values.port), host: values.host } });
const address = server.resolvedUrls?.local[0] ?? server.resolvedUrls?.network[0] ?? '';
console.log(`\nDrydock is at ${address}  (Ctrl-C stops it)`);
