/** The licence texts of the npm packages whose code is in dist/, and of what is in the guest and the images. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Manifest {
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Packages that only build and serve the page. */
const tools = new Set(['vite', 'tsx', '@sveltejs/vite-plugin-svelte', '@bokuweb/zstd-wasm']);
/** Packages that come inside others: what svelte's class attributes and the terminal's clipboard bring along. */
const inside = ['clsx', 'js-base64'];

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as Manifest;
}

function licenceText(name: string): string {
  const folder = join(root, 'node_modules', name);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
}

export function licenceNotices(): string {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const packages = [...Object.keys(dependencies), ...inside]
    .filter((name) => !tools.has(name))
    .sort()
    .map((name) => {
      const { version, license = 'see text' } = manifestOf(name);
      return `## ${name} ${version} (${license})\n\n${licenceText(name)}`;
    });
  const ours = ['kernel/THIRD-PARTY.md', 'images/THIRD-PARTY.md'].map((file) => readFileSync(join(root, file), 'utf8').trim());
  return [readFileSync(join(root, 'LICENSE'), 'utf8').trim(), '# Third-party software', ...ours, ...packages].join('\n\n');
}
