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
    /** Of `docker build --check`. */
    warnings: z.array(z.object({ rule: z.string(), detail: z.string(), lines: z.array(z.number()) })).optional(),
  }),
);
export type Recorded = z.infer<typeof recordedSchema>[string];

export const folder = import.meta.dirname;

/** `=== NAME`, then a Dockerfile. */
export function readCases(): readonly NamedCase[] {
  return readNamedCases(join(folder, 'cases.txt'));
}

export function readRecorded(): ReadonlyMap<string, Recorded> {
  return new Map(Object.entries(recordedSchema.parse(JSON.parse(readFileSync(join(folder, 'recorded.json'), 'utf8')))));
}
