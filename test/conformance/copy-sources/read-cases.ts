import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readNamedCases, type NamedCase } from '../named-cases.ts';

const recordedSchema = z.record(
  z.string(),
  z.object({
    /** Of the image, in byte order: type and mode, owner, path, target of a link; "d0755 0:0 x/y", "l0777 0:0 x/z -> a". */
    files: z.array(z.string()).optional(),
    /** What `docker build` said last, without "failed to build: failed to solve: ". */
    error: z.string().optional(),
  }),
);
export type Recorded = z.infer<typeof recordedSchema>[string];

export const folder = import.meta.dirname;

/** Instructions that stand behind `FROM scratch`. */
export function readCases(): readonly NamedCase[] {
  return readNamedCases(join(folder, 'cases.txt'));
}

export function readRecorded(): ReadonlyMap<string, Recorded> {
  return new Map(Object.entries(recordedSchema.parse(JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')))));
}

export interface Place {
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink';
  /** Permissions. */
  readonly mode: number;
  /** Of a link; else ''. */
  readonly target: string;
}

/** The tree that is copied from: "MODE PATH" a line, "PATH/" a folder, "PATH -> TARGET" a link; folders before what is in them. */
export function readTree(): readonly Place[] {
  const lines = readFileSync(join(folder, 'tree.txt'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [name = '', target = ''] = line.slice(5).split(' -> ');
    const type = target !== '' ? 'symlink' : name.endsWith('/') ? 'directory' : 'file';
    return { path: name.replace(/\/$/, ''), type, mode: Number.parseInt(line.slice(0, 4), 8), target };
  });
}

/** One of `files`. */
export function describe(place: Place, owner: string): string {
  const link = place.target === '' ? '' : ` -> ${place.target}`;
  return `${place.type.slice(0, 1).replace('s', 'l').replace('f', '-')}${place.mode.toString(8).padStart(4, '0')} ${owner} ${place.path}${link}`;
}
