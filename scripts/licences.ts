/** The licence texts of the npm packages whose code is in dist/, and of what is in the guest and the images. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Manifest {
  readonly version: string;
  readonly license?: string;
}

interface SourceMap {
  readonly sources: readonly string[];
}

function manifestOf(name: string): Manifest {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as Manifest;
}

function licenceText(name: string): string {
  const folder = join(root, 'node_modules', name);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8').trim();
}

/** Packages that come inside the published code of others, where no source map names them: the terminal's clipboard brings it along. */
const inside = ['js-base64'];

/** The packages whose code the source maps of a folder name. */
function bundledPackages(folder: string): readonly string[] {
  const maps = readdirSync(folder).filter((file) => file.endsWith('.map'));
  const sources = maps.flatMap((file) => (JSON.parse(readFileSync(join(folder, file), 'utf8')) as SourceMap).sources);
  return [...new Set(sources.flatMap((source) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []))];
}

/** @param assets the folder of the built page's program, with source maps */
export function licenceNotices(assets: string): string {
  const packages = [...bundledPackages(assets), ...inside].sort().map((name) => {
    const { version, license = 'see text' } = manifestOf(name);
    return `## ${name} ${version} (${license})\n\n${licenceText(name)}`;
  });
  const ours = ['kernel/THIRD-PARTY.md', 'images/THIRD-PARTY.md'].map(read);
  const texts = readdirSync(join(root, 'licences')).map((file) => `## ${basename(file, '.txt')}\n\n${read(`licences/${file}`)}`);
  return [read('LICENSE'), '# Third-party software', ...ours, ...packages, '# Texts of licences', ...texts].join('\n\n');
}
