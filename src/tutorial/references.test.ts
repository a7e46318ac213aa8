import { expect, test } from 'vitest';
import { familiarReference, findImage, imageAliases, normaliseReference } from './references.ts';
import { hex, imageFact } from './testing/facts.ts';

test.each([
  ['nginx', 'docker.io/library/nginx:latest'],
  ['nginx:1.25', 'docker.io/library/nginx:1.25'],
  ['library/nginx', 'docker.io/library/nginx:latest'],
  ['lab/api', 'docker.io/lab/api:latest'],
  ['index.docker.io/nginx', 'docker.io/library/nginx:latest'],
  ['Registry/app', 'Registry/app:latest'],
  ['no reference', 'no reference'],
  ['localhost/app', 'localhost/app:latest'],
  ['localhost:5000/app', 'localhost:5000/app:latest'],
  ['localhost:5000/app:2', 'localhost:5000/app:2'],
  [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
  [`sha256:${'a'.repeat(64)}`, `sha256:${'a'.repeat(64)}`],
])('%s is %s', (reference, whole) => {
  expect(normaliseReference(reference)).toBe(whole);
});

test('a reference is said without what normalising adds', () => {
  expect(familiarReference('docker.io/library/nginx:latest')).toBe('nginx');
  expect(familiarReference('localhost:5000/app')).toBe('localhost:5000/app');
});

test('an image is found by name, id and prefix of its id', () => {
  const images = [imageFact('nginx'), imageFact('busybox')];
  const digits = hex('busybox');
  for (const wanted of ['busybox', 'docker.io/library/busybox:latest', `sha256:${digits}`, digits.slice(0, 12)])
    expect(findImage(images, wanted)?.Id, wanted).toBe(`sha256:${digits}`);
  expect(findImage(images, 'busybox:2')).toBeUndefined();
});

test('an image is called by everything that points at it', () => {
  const images = [imageFact('nginx', { RepoTags: ['nginx:latest', 'mine:1'] })];
  expect(imageAliases(images, 'mine:1')).toEqual(['docker.io/library/mine:1', `sha256:${hex('nginx')}`, 'docker.io/library/nginx:latest']);
  expect(imageAliases([], 'gone')).toEqual(['docker.io/library/gone:latest']);
});
