/** Tutorials are read, checked and rendered when the page is built: what goes to the browser is an index and one chunk of JSON for each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin, ViteDevServer } from 'vite';
import { loadTutorials, summaryOf, type LoadedTutorials, type TutorialFiles } from '../src/tutorial/load/index.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'tutorials');
const index = 'virtual:tutorials';

/** The files of `tutorials/` by their path from the root. */
export function readTutorialFiles(): TutorialFiles {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => [
      relative(root, join(parentPath, name)).replaceAll(sep, '/'),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

/** JSON as the source of a module: parsed by JSON.parse, which is quicker than an object literal. */
const asModule = (value: unknown): string => `JSON.parse(${JSON.stringify(JSON.stringify(value))})`;

function indexModule({ tutorials, broken }: LoadedTutorials): string {
  const loaders = tutorials.map(({ tutorial: { manifest } }) => {
    const id = JSON.stringify(manifest.id);
    return `${id}: () => import(${JSON.stringify(`${index}/${manifest.id}`)}).then((module) => module.tutorial)`;
  });
  return `export const summaries = ${asModule(tutorials.map(({ tutorial }) => summaryOf(tutorial)))};
export const broken = ${asModule(broken)};
export const loaders = { ${loaders.join(', ')} };
`;
}

/**
 * Serves `virtual:tutorials` (src/ui/tutorial/virtual.d.ts). A tutorial that is broken is left out, listed as broken and said aloud; while the page is
 * developed, a changed file is sent to it as the event `tutorials`.
 */
export function tutorials(): Plugin {
  let loaded: LoadedTutorials | null = null;
  const load = (): LoadedTutorials => (loaded ??= loadTutorials(readTutorialFiles()));

  return {
    name: 'drydock-tutorials',
    resolveId: (source) => (source === index || source.startsWith(`${index}/`) ? `\0${source}` : null),
    load(id) {
      if (!id.startsWith(`\0${index}`)) return null;
      const { tutorials: all, broken } = load();
      if (id === `\0${index}`) {
        for (const { id: name, problems } of broken) this.warn(`the tutorial ${name} is left out:\n${problems.join('\n')}`);
        return indexModule({ tutorials: all, broken });
      }
      const name = id.slice(`\0${index}/`.length);
      const found = all.find(({ tutorial }) => tutorial.manifest.id === name);
      return found === undefined ? null : `export const tutorial = ${asModule(found.tutorial)};`;
    },
    configureServer(server) {
      server.watcher.add(folder);
      server.watcher.on('all', (_event, path) => {
        if (path.startsWith(folder + sep)) tell(server, (loaded = loadTutorials(readTutorialFiles())));
      });
    },
  };
}

/** The page replaces what it shows; modules that are asked for from now on are the new ones. */
function tell(server: ViteDevServer, { tutorials: all, broken }: LoadedTutorials): void {
  for (const [id, module] of server.moduleGraph.idToModuleMap) if (id.startsWith(`\0${index}`)) server.moduleGraph.invalidateModule(module);
  server.ws.send('tutorials', { tutorials: all.map(({ tutorial }) => tutorial), broken });
}
