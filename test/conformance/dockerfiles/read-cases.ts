import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readNamedCases, type NamedCase } from '../named-cases.ts';

const recordedSchema = z.record(
  z.string(),
  z.object({
    /** What `docker build` said last, without "failed to build: failed to solve: ". */
    error: z.string().optional(),
    /** The lines that it pointed at. */
    lines: z.array(z.number()).optional(),
    /** Of the image. */
    config: z.record(z.string(), z.unknown()).optional(),
    /** What `docker history` shows of its layers, the youngest first, without those of the base. */
    history: z.array(z.string()).optional(),
    /** How many layers it has above those of busybox. */
    layers: z.number().optional(),
    /** What it did, as `--progress plain` names it, by name: `[2/3] RUN true`. */
    steps: z.array(z.string()).readonly().optional(),
    /** Of `docker build --check`. */
    warnings: z.array(z.object({ rule: z.string(), detail: z.string(), lines: z.array(z.number()) })).optional(),
  }),
);
export type Recorded = z.infer<typeof recordedSchema>[string];

export interface Case extends NamedCase {
  /** Of the command line: `--build-arg`, `A=1`. */
  readonly options: readonly string[];
}

export const folder = import.meta.dirname;

/** `=== NAME`, a line of `<OPTIONS>` where there are some, then a Dockerfile. */
export function readCases(): readonly Case[] {
  return readNamedCases(join(folder, 'cases.txt')).map((each) => {
    const [, options = '', text = ''] = /^(?:<OPTIONS> (.*)\n)?([^]*)$/.exec(each.text) ?? [];
    return { ...each, text, options: options === '' ? [] : options.split(' ') };
  });
}

export function readRecorded(): ReadonlyMap<string, Recorded> {
  return new Map(Object.entries(recordedSchema.parse(JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')))));
}
