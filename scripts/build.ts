/** `npm run build`: a static `dist/` that works from any static host under any path prefix, without special headers. */
import { compressSite } from './compress.ts';
import { buildSite, siteFolder } from './site.ts';

await buildSite((line) => console.log(line));
const { files, bytes, compressed } = await compressSite(siteFolder);
const megabytes = (size: number): string => `${(size / 1e6).toFixed(1)} MB`;
console.log(`dist/ is ready: serve it with any static file server.
${files} files have .br and .gz beside them: ${megabytes(bytes)} are ${megabytes(compressed)} that way. Hosts use them so:
  nginx                         gzip_static on; brotli_static on;  (the latter is the module ngx_brotli)
  Caddy                         file_server { precompressed br gzip }
  Apache                        a rewrite to FILE.br with "Content-Encoding: br" (mod_brotli's documentation, "Serving pre-compressed content")
  GitHub Pages, Netlify, Cloudflare Pages, Vercel    compress by themselves; the files are not needed
  python3 -m http.server        sends what it is asked for: everything works, uncompressed`);
