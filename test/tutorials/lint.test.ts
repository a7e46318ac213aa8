import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readTutorials } from './read-tutorials.ts';

const oci = resolve(import.meta.dirname, '../../images/oci');
const descriptor = z.object({ digest: z.string(), size: z.number(), annotations: z.record(z.string(), z.string()).optional() });
const index = z.object({ manifests: z.array(descriptor) }).parse(JSON.parse(readFileSync(join(oci, 'index.json'), 'utf8')));
const manifest = z.object({ layers: z.array(descriptor) });

/** Bytes of all images that one tutorial makes a page fetch. */
const budget = 40 * 1024 * 1024;

const blob = (digest: string): string => join(oci, 'blobs', ...digest.split(':'));
const namesOf = ({ annotations }: z.infer<typeof descriptor>): string[] =>
  Object.values(annotations ?? {}).map((name) => name.replace(/^docker\.io\/(library\/)?/, '').replace(/:latest$/, ''));

function layersOf(image: string): z.infer<typeof descriptor>[] {
  const found = index.manifests.find((entry) => namesOf(entry).includes(image));
  return found === undefined ? [] : manifest.parse(JSON.parse(readFileSync(blob(found.digest), 'utf8'))).layers;
}

const { tutorials: loaded, broken } = readTutorials();
const tutorials = loaded.map(({ tutorial }) => tutorial);

test('no tutorial is broken', () => {
  expect(broken).toEqual([]);
});

test('there is a tutorial, and no two have one id', () => {
  const ids = tutorials.map((tutorial) => tutorial.manifest.id);
  expect(ids).toContain('first-container');
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(tutorials.map((tutorial) => ({ id: tutorial.manifest.id, tutorial })))('$id', ({ tutorial }) => {
  const { manifest: about, steps } = tutorial;

  test('needs tutorials that exist', () => {
    for (const needed of about.needs) expect(tutorials.map((other) => other.manifest.id)).toContain(needed);
  });

  test('uses images that are shipped, within the budget', () => {
    const layers = about.images.flatMap((image) => {
      const found = layersOf(image);
      expect(found.length, `${image} is in images/oci`).toBeGreaterThan(0);
      return found;
    });
    for (const { digest, size } of layers) {
      expect(existsSync(blob(digest)), digest).toBe(true);
      expect(statSync(blob(digest)).size).toBe(size);
    }
    expect([...new Map(layers.map(({ digest, size }) => [digest, size])).values()].reduce((sum, size) => sum + size, 0)).toBeLessThan(
      budget,
    );
  });

  test('gives no command away in a hint', () => {
    for (const { front } of steps) {
      const lines = front.solution.flatMap((line) => ('run' in line ? [line.run] : []));
      for (const { say } of Object.values(front.hints)) {
        expect(say, front.id).not.toMatch(/\bdocker [a-z]/);
        for (const line of lines) expect(` ${say.replaceAll(/[.,:;]/g, ' ')} `).not.toContain(` ${line} `);
      }
    }
  });

  test('refers to no host and to the engine by no address', () => {
    for (const { front, blocks } of steps) expect(JSON.stringify([front, blocks]), front.id).not.toMatch(/https?:\/\/(?!localhost[/:])/);
  });

  test('says what it shows: every line of show me has a caption', () => {
    for (const { front } of steps) for (const line of front.solution) expect(line.caption, front.id).toBeDefined();
  });
});
