import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { loadTutorials, type Tutorial, type TutorialFiles } from '../../src/tutorial/index.ts';

const root = resolve(import.meta.dirname, '../..');

/** The files of `tutorials/` by their path from the root. */
export function readTutorialFiles(): TutorialFiles {
  const entries = readdirSync(join(root, 'tutorials'), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map(({ parentPath, name }) => [
      relative(root, join(parentPath, name)).replaceAll('\\', '/'),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

export const readTutorials = (): readonly Tutorial[] => loadTutorials(readTutorialFiles());
