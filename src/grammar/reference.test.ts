import { describe, expect, it, test } from 'vitest';
import { familiarName, familiarString, fullName, fullString, parseNameOrId, parseReference, withDefaultTag, withTag } from './reference.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

describe('names are read as Docker reads them', () => {
  test.each([
    ['busybox', 'docker.io/library/busybox', 'busybox'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['docker.io/library/busybox:latest', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
    ['docker.io/busybox', 'docker.io/library/busybox', 'busybox'],
    ['library/busybox', 'docker.io/library/busybox', 'busybox'],
    ['user/app', 'docker.io/user/app', 'user/app'],
    ['localhost/app', 'localhost/app', 'localhost/app'],
    ['localhost:5000/a/b:t', 'localhost:5000/a/b:t', 'localhost:5000/a/b:t'],
    ['Foo/bar', 'Foo/bar', 'Foo/bar'],
    ['[::1]:5000/app', '[::1]:5000/app', '[::1]:5000/app'],
    ['127.0.0.1/app', '127.0.0.1/app', '127.0.0.1/app'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`, `busybox@${digest}`],
    [`busybox:x@${digest}`, `docker.io/library/busybox:x@${digest}`, `busybox:x@${digest}`],
    ['a__b/c-d.e', 'docker.io/a__b/c-d.e', 'a__b/c-d.e'],
    ['library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    [`x:${'t'.repeat(128)}`, `docker.io/library/x:${'t'.repeat(128)}`, `x:${'t'.repeat(128)}`],
  ])('%s', (text, full, familiar) => {
    expect(fullString(parseReference(text))).toBe(full);
    expect(familiarString(parseReference(text))).toBe(familiar);
  });

  test.each([
    ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
    ['foo/Bar:x', 'invalid reference format: repository name (foo/Bar) must be lowercase'],
    ['', 'invalid reference format'],
    [':', 'invalid reference format'],
    ['a:', 'invalid reference format'],
    ['-a', 'invalid reference format'],
    ['a--', 'invalid reference format'],
    ['a..b', 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['a\n', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['/a', 'invalid reference format'],
    [`x:${'t'.repeat(129)}`, 'invalid reference format'],
    ['x@sha256:abc', 'invalid reference format'],
    [`x@md5:${'ab'.repeat(16)}`, 'unsupported digest algorithm'],
    [`x@sha256:${'ab'.repeat(31)}`, 'invalid checksum digest length'],
    [`x@sha256:${'AB'.repeat(32)}`, 'invalid checksum digest format'],
    ['ab'.repeat(32), `invalid repository name (${'ab'.repeat(32)}), cannot specify 64-byte hexadecimal strings`],
    [`a/${'b'.repeat(254)}`, 'repository name must not be more than 255 characters'],
  ])('%j is refused', (text, message) => {
    expect(() => parseReference(text)).toThrow(message);
  });
});

test('a name without a tag means latest, one with a digest does not', () => {
  expect(withDefaultTag(parseReference('x')).tag).toBe('latest');
  expect(withDefaultTag(parseReference(`x@${digest}`)).tag).toBeNull();
});

test('a bad tag is refused by name', () => {
  expect(() => withTag(parseReference('x'), '-no')).toThrow('invalid tag format');
  expect(familiarName(withTag(parseReference('x'), 'yes'))).toBe('x');
});

const hex = 'a'.repeat(64);

describe('as the client shows and refuses them', () => {
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
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
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
