import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

interface Table {
  readonly layers: Readonly<Record<string, { readonly imports: readonly string[]; readonly platform: 'es' | 'worker' | 'dom' }>>;
  readonly exceptions: readonly { readonly from: string; readonly to: string }[];
}

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'src');
const table = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8')) as Table;

interface Import {
  readonly from: string;
  readonly specifier: string;
}

async function sourceFiles(): Promise<string[]> {
  const entries = await readdir(source, { recursive: true });
  return entries.filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith('.test.ts') && !name.endsWith('.d.ts'));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const code = file.endsWith('.svelte')
    ? [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map((match) => match[1]).join('\n')
    : text;
  return ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => ({ from: file, specifier: fileName }));
}

function targetOf({ from, specifier }: Import): string | null {
  if (!specifier.startsWith('.')) return null;
  return relative(source, resolve(source, dirname(from), specifier));
}

const layerOf = (file: string): string => file.split('/')[0] ?? '';

test('every folder of src is a layer of the table', async () => {
  const folders = new Set((await sourceFiles()).map(layerOf));
  for (const folder of folders) expect(Object.keys(table.layers), folder).toContain(folder);
});

test('every import of src stays inside its layer or goes to one the table opens', async () => {
  const wrong: string[] = [];
  for (const file of await sourceFiles()) {
    for (const found of importsOf(file)) {
      const target = targetOf(found);
      if (target === null || target.startsWith('..')) continue;
      const from = layerOf(file);
      const to = layerOf(target);
      const open = from === to || table.layers[from]?.imports.includes(to) === true;
      const excepted = table.exceptions.some((exception) => exception.from === file && exception.to === target);
      if (!open && !excepted) wrong.push(`${file} -> ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('the page goes into the room of tutorials by its front, index.ts', async () => {
  const wrong: string[] = [];
  for (const file of await sourceFiles()) {
    if (layerOf(file) !== 'ui') continue;
    for (const found of importsOf(file)) {
      const target = targetOf(found);
      if (target?.startsWith('tutorial/') === true && target !== 'tutorial/index.ts') wrong.push(`${file} -> ${target}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('no folder that runs everywhere imports a Node module', async () => {
  const wrong: string[] = [];
  for (const file of await sourceFiles()) {
    if (table.layers[layerOf(file)]?.platform !== 'es' || file.includes('/testing/')) continue;
    for (const { specifier } of importsOf(file)) if (specifier.startsWith('node:')) wrong.push(`${file} -> ${specifier}`);
  }
  expect(wrong).toEqual([]);
});

test('only the machine imports v86', async () => {
  const wrong: string[] = [];
  for (const file of await sourceFiles()) {
    if (layerOf(file) === 'machine') continue;
    for (const { specifier } of importsOf(file)) if (/^v86(\/|$)/.test(specifier)) wrong.push(`${file} -> ${specifier}`);
  }
  expect(wrong).toEqual([]);
});

/** Types count, too: one `export … from` in a file that all the others take a type of made a circle of 70. */
test('no file of src imports itself by way of others, be it for a type', async () => {
  const graph = new Map<string, string[]>();
  for (const file of await sourceFiles()) {
    graph.set(
      file,
      importsOf(file).flatMap((found) => targetOf(found) ?? []),
    );
  }
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});

test('the tsconfig of each platform covers exactly the layers of that platform', () => {
  for (const platform of ['es', 'worker', 'dom'] as const) {
    const file = join(root, `tsconfig.${platform}.json`);
    const included = (ts.readConfigFile(file, (path) => readFileSync(path, 'utf8')).config as { include: string[] }).include;
    const wanted = Object.entries(table.layers)
      .filter(([, layer]) => layer.platform === platform)
      .map(([name]) => `src/${name}`);
    expect(included.sort(), platform).toEqual(wanted.sort());
  }
});
