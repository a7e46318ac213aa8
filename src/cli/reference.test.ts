import { describe, expect, it } from 'vitest';
import { familiarString, fullName, parseNameOrId, parseReference, withDefaultTag } from './reference.ts';

const hex = 'a'.repeat(64);

describe('parseReference', () => {
  it.each([
    ['busybox', 'docker.io/library/busybox', 'busybox:latest'],
    ['me/app:1', 'docker.io/me/app', 'me/app:1'],
    ['localhost/app', 'localhost/app', 'localhost/app:latest'],
    ['host:5000/a/b:v', 'host:5000/a/b', 'host:5000/a/b:v'],
    ['index.docker.io/library/x', 'docker.io/library/x', 'x:latest'],
    [`busybox@sha256:${hex}`, 'docker.io/library/busybox', `busybox@sha256:${hex}`],
    ['docker.io/a__b/c-d.e', 'docker.io/a__b/c-d.e', 'a__b/c-d.e:latest'],
  ])('reads %s', (text, name, familiar) => {
    const reference = parseReference(text);
    expect(fullName(reference)).toBe(name);
    expect(familiarString(withDefaultTag(reference))).toBe(familiar);
  });

  it.each([
    ['A', 'invalid reference format: repository name (library/A) must be lowercase'],
    ['a:', 'invalid reference format'],
    ['a/-b', 'invalid reference format'],
    [`a:${'t'.repeat(129)}`, 'invalid reference format'],
    [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
    ['a'.repeat(300), 'invalid reference format: repository name must not be more than 255 characters'],
    [`a@sha256:${'a'.repeat(40)}`, 'invalid checksum digest length'],
    [`a@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
  ])('refuses %s', (text, complaint) => {
    expect(() => parseReference(text)).toThrow(complaint);
  });

  it('takes an image ID for what it is', () => {
    expect(parseNameOrId(`sha256:${hex}`)).toBeNull();
    expect(parseNameOrId(hex)).toBeNull();
  });
});
