import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readNamedCases, type NamedCase } from '../named-cases.ts';

const recordedSchema = z.record(
  z.string(),
  z.object({
    /** What of the tree was not in the image, in byte order. */
    missing: z.array(z.string()).optional(),
    /** What `docker build` said last, without "failed to build: failed to solve: ". */
    error: z.string().optional(),
  }),
);
export type Recorded = z.infer<typeof recordedSchema>[string];

/** The text of .dockerignore, or of the file beside the Dockerfile that has its name. */
export interface Case extends NamedCase {
  readonly isBesideDockerfile: boolean;
}

export interface Place {
  /** Without a slash behind. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Of a link; else ''. */
  readonly target: string;
}

export const folder = import.meta.dirname;
const besideMark = '@Dockerfile.dockerignore\n';

export function readCases(): readonly Case[] {
  return readNamedCases(join(folder, 'cases.txt')).map(({ name, text }) => {
    const isBesideDockerfile = text.startsWith(besideMark);
    return { name, text: isBesideDockerfile ? text.slice(besideMark.length) : text, isBesideDockerfile };
  });
}

export function readRecorded(): ReadonlyMap<string, Recorded> {
  return new Map(Object.entries(recordedSchema.parse(JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')))));
}

/** The tree that is built of, folders before what is in them: a path a line, "NAME/" a folder, "NAME -> TARGET" a link. */
export function readTree(): readonly Place[] {
  const places = new Map<string, Place>();
  const lines = readFileSync(join(folder, 'tree.txt'), 'utf8').trimEnd().split('\n');
  for (const line of ['.dockerignore', ...lines]) {
    const [name = '', target = ''] = line.split(' -> ');
    const path = name.replace(/\/$/, '');
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth += 1) {
      const parent = parts.slice(0, depth).join('/');
      places.set(parent, { path: parent, type: 'directory', target: '' });
    }
    places.set(path, { path, type: target !== '' ? 'symlink' : name.endsWith('/') ? 'directory' : 'file', target });
  }
  return [...places.values()];
}
