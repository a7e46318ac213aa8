/** `npm run build`: a static `dist/` that works from any static host under any path prefix, without special headers. */
import { buildSite } from './site.ts';

await buildSite((line) => console.log(line));
console.log('dist/ is ready: serve it with any static file server.');
