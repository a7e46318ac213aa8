import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { tutorials } from './scripts/tutorials-plugin.ts';

const testing = (file: string): string => fileURLToPath(new URL(`src/ui/testing/${file}`, import.meta.url));

/** v86 imports Node's modules where it finds itself in Node; in a worker they are never asked for. */
const noNodeModules = (): Plugin => ({
  name: 'drydock-no-node-modules',
  enforce: 'pre',
  resolveId: (source, importer) =>
    importer?.includes('/v86/') === true && /^(node:)?(fs|crypto|perf_hooks)\b/.test(source) ? '\0empty' : null,
  load: (id) => (id === '\0empty' ? 'export default {};' : null),
});

/**
 * `base: './'`: dist/ works under any path prefix. Guest and images are not vite's: scripts/site.ts puts them beside the page.
 * Mode `fake` (`npx vite --mode fake`) shows the page on a small playground without a guest, to work on the design.
 */
export default defineConfig(({ mode }) => ({
  base: './',
  plugins: [
    svelte({ configFile: false }),
    tutorials(),
    {
      name: 'drydock-fake-playground',
      enforce: 'pre',
      resolveId: (source) => (mode === 'fake' && source.endsWith('/connect.ts') ? testing('connect-fake.ts') : null),
    },
  ],
  worker: { format: 'es', rolldownOptions: { checks: { pluginTimings: false } }, plugins: () => [noNodeModules()] },
  build: { target: 'es2022', rolldownOptions: { checks: { pluginTimings: false } }, sourcemap: true, chunkSizeWarningLimit: 1500 },
  // The worker's too: a dependency that is found late reloads the page, and with it goes the guest.
  optimizeDeps: { entries: ['index.html', 'src/worker/browser/worker.ts'] },
}));
