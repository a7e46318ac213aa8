import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../bytes.ts';
import { readAll, sourceOf } from '../streams.ts';
import { readArchive } from '../testing/tar.ts';
import type { TarHeader, TarType } from './entry.ts';
import { tarEntries } from './read.ts';
import { headerBytes, tarEnd, tarOf, type TarInput } from './write.ts';

function header(path: string, more: Partial<TarHeader> = {}): TarHeader {
  const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map(), size: 0 };
  return { ...plain, path, type: 'file', ...more };
}

function file(path: string, text: string, more: Partial<TarHeader> = {}): TarInput {
  const contents = utf8(text);
  return { header: header(path, { size: contents.length, ...more }), contents: sourceOf(contents) };
}

function write(entries: readonly TarInput[]): Promise<Uint8Array> {
  return readAll(tarOf(entries));
}

const long = `${'d'.repeat(120)}/${'e'.repeat(120)}/${'f'.repeat(200)}`;
const split = `${'d'.repeat(90)}/${'f'.repeat(90)}`;

function samples(): TarInput[] {
  return [
    { header: header('bin/', { type: 'directory', mode: 0o1755, uid: 5, gid: 6 }) },
    file('bin/größe', 'x'.repeat(1000), { mtime: 1_700_000_000.5, uid: 3_000_000 }),
    file('bin/su', 'elf', {
      mode: 0o4755,
      xattrs: new Map([
        ['user.b', utf8('=\n2')],
        ['user.a', new Uint8Array([0, 255, 10])],
      ]),
    }),
    { header: header('bin/same', { type: 'hardlink', link: 'bin/su' }) },
    file(long, 'deep'),
    file(split, 'split'),
    { header: header('link', { type: 'symlink', link: 't'.repeat(180), mode: 0o777 }) },
    { header: header('null', { type: 'character', major: 1, minor: 3 }) },
    { header: header('pipe', { type: 'fifo', mtime: -5 }) },
    file('etc/.wh.passwd', ''),
  ];
}

describe("what is written, Debian's tar takes", () => {
  test('and lists with every name, number and attribute', async () => {
    const archive = await write(samples());
    const listed = execFileSync('tar', ['--xattrs', '--numeric-owner', '--full-time', '-tvvf', '-'], {
      input: archive,
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    })
      .toString()
      .replace(/[* ] +/g, ' ');
    expect(listed).toContain('drwxr-xr-t 5/6');
    expect(listed).toMatch(/-rw-r--r-- 3000000\/0 +1000 2023-11-14 22:13:20\.5 bin\/größe/);
    expect(listed).toMatch(/-rwsr-xr-x.* bin\/su\n +x: 3 user\.a\n +x: 3 user\.b\n/);
    expect(listed).toContain('bin/same link to bin/su');
    expect(listed).toContain(` ${long}\n`);
    expect(listed).toContain(` ${split}\n`);
    expect(listed).toContain(`link -> ${'t'.repeat(180)}`);
    expect(listed).toMatch(/crw-r--r-- 0\/0 +1,3/);
    expect(listed).toMatch(/prw-r--r-- .* 1969-12-31 23:59:55 pipe/);
    expect(listed).toContain('etc/.wh.passwd');
  });

  test('and unpacks', async () => {
    const path = await mkdtemp(join(tmpdir(), 'tar-'));
    await writeFile(join(path, 'a.tar'), await write(samples().filter(({ header: { type } }) => type !== 'character')));
    execFileSync('tar', ['-C', path, '--no-same-owner', '-xf', join(path, 'a.tar')]);
    expect(await readFile(join(path, long), 'utf8')).toBe('deep');
    expect(await readFile(join(path, 'bin/größe'), 'utf8')).toBe('x'.repeat(1000));
    expect(await readlink(join(path, 'link'))).toBe('t'.repeat(180));
    expect((await stat(join(path, 'bin/same'))).ino).toBe((await stat(join(path, 'bin/su'))).ino);
  });
});

test('what is written is read as it was, and the same entries give the same bytes', async () => {
  const archive = await write(samples());
  const read = readArchive(archive);
  expect(read.map(({ offset: _offset, data: _data, ...rest }) => rest)).toEqual(samples().map((sample) => sample.header));
  expect(new TextDecoder().decode(read.find(({ path }) => path === long)?.data)).toBe('deep');
  expect(createHash('sha256').update(archive).digest('hex')).toBe(
    createHash('sha256')
      .update(await write(samples()))
      .digest('hex'),
  );
});

test('any entry comes back as it was, whatever its names and numbers', async () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map((text) => `a${text.replaceAll('\0', '')}z`);
  const type = fc.constantFrom<TarType>('hardlink', 'symlink', 'character', 'block', 'directory', 'fifo');
  const entry = fc.record({
    path: name,
    type,
    mode: fc.nat(0o7777),
    uid: fc.nat(2 ** 32 - 1),
    gid: fc.nat(2 ** 32 - 1),
    mtime: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }),
    link: name,
    xattrs: fc.uint8Array({ maxLength: 40 }).map((value): ReadonlyMap<string, Uint8Array> => new Map([['user.x', Uint8Array.from(value)]])),
  });
  fc.assert(
    fc.property(entry, (made) => {
      const whole = header(made.path, made);
      expect(readArchive(concatBytes([headerBytes(whole), tarEnd]))).toMatchObject([whole]);
    }),
    { numRuns: 200 },
  );
});

test('a file of more than 8 GiB and what it says of itself', () => {
  const large = header('large', { size: 9 * 1024 ** 3 });
  expect(() => readArchive(headerBytes(large))).toThrow('unexpected EOF');
  expect(new TextDecoder().decode(headerBytes(large))).toContain('size=9663676416\n');
});

test('contents that are shorter or longer than the header says are refused, and so is what no archive can hold', async () => {
  await expect(write([{ header: header('a', { size: 5 }), contents: sourceOf(utf8('four')) }])).rejects.toThrow(
    'missed writing 1 bytes of a',
  );
  await expect(write([{ header: header('a', { size: 3 }), contents: sourceOf(utf8('four')) }])).rejects.toThrow('write too long: a');
  expect(() => headerBytes(header('a\0b'))).toThrow('NUL');
  expect(() => headerBytes(header('a', { xattrs: new Map([['user.a=b', utf8('')]]) }))).toThrow('invalid name of an attribute');
  expect(() => headerBytes(header('a', { uid: -1 }))).toThrow('invalid uid');
  expect(() => headerBytes(header('a', { type: 'block', major: 2 ** 24 }))).toThrow('device number');
});

test('entries come one by one; contents that nobody reads are skipped', async () => {
  const archive = await write([file('a', 'first'), file('b', 'y'.repeat(2000)), file('c', 'third')]);
  for (const piece of [100, 512, 700, 100_000]) {
    const chunks = Array.from({ length: Math.ceil(archive.length / piece) }, (_, at) => archive.subarray(at * piece, (at + 1) * piece));
    const seen: string[] = [];
    for await (const { header: found, contents } of tarEntries(sourceOf(...chunks))) {
      seen.push(found.path);
      if (found.path !== 'b') seen.push(new TextDecoder().decode(await readAll(contents)));
    }
    expect(seen).toEqual(['a', 'first', 'b', 'c', 'third']);
  }
});

test('who leaves early cancels the stream, and one that never ends after its end is left', async () => {
  let cancelled = 0;
  const archive = await write([file('a', 'first'), file('b', 'second')]);
  const source = () => ({ ...sourceOf(archive), cancel: () => (cancelled += 1) });
  for await (const { header: found } of tarEntries(source())) if (found.path === 'a') break;
  expect(cancelled).toBe(1);
  let first = true;
  const zeros = new Uint8Array(65536);
  const endless = { read: () => Promise.resolve(first ? ((first = false), archive) : zeros), cancel: () => (cancelled += 1) };
  const paths: string[] = [];
  for await (const { header: found } of tarEntries(endless)) paths.push(found.path);
  expect(paths).toEqual(['a', 'b']);
  expect(cancelled).toBe(2);
});
