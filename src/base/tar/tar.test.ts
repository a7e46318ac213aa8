import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../errors.ts';
import { concatBytes, utf8 } from '../bytes.ts';
import { paddingOf, type TarHeader } from './entry.ts';
import { headerBytes, tarEnd } from './write.ts';
import { readArchive } from '../testing/tar.ts';

const blank = new Uint8Array(1024);

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'tar-'));
  const long = join(path, 'd'.repeat(90), 'e'.repeat(90));
  await mkdir(long, { recursive: true });
  await writeFile(join(long, 'f'.repeat(150)), 'deep');
  await writeFile(join(path, 'größe'), 'x'.repeat(1000));
  await symlink('t'.repeat(180), join(path, 'link'));
  await link(join(path, 'größe'), join(path, 'same'));
  execFileSync('mkfifo', [join(path, 'pipe')]);
  return path;
}

function byPath(entries: ReturnType<typeof readArchive>): Map<string, (typeof entries)[number]> {
  return new Map([...entries].map((entry) => [entry.path.replace(/^\.\//, ''), entry]));
}

describe('what GNU tar writes is read', () => {
  for (const format of ['gnu', 'pax', 'ustar', 'oldgnu']) {
    test(`in the ${format} format`, async () => {
      const path = await folder();
      const exclude = format === 'ustar' ? ['--exclude=link', '--exclude=ddd*'] : [];
      const archive = execFileSync('tar', [
        '-C',
        path,
        `--format=${format}`,
        '--mtime=@1700000000.5',
        '--owner=:1234',
        '--group=:77',
        '--sort=name',
        ...exclude,
        '-cf',
        '-',
        '.',
      ]);
      const entries = byPath(readArchive(archive));
      const deep = entries.get(`${'d'.repeat(90)}/${'e'.repeat(90)}/${'f'.repeat(150)}`);
      if (format !== 'ustar') {
        expect(new TextDecoder().decode(deep?.data)).toBe('deep');
        expect(entries.get('link')).toMatchObject({ type: 'symlink', link: 't'.repeat(180) });
      }
      const pair = [entries.get('größe'), entries.get('same')];
      expect(pair.map((entry) => entry?.type).sort()).toEqual(['file', 'hardlink']);
      expect(pair.find((entry) => entry?.type === 'file')).toMatchObject({ uid: 1234, gid: 77, mode: 0o644 });
      expect(Math.floor(entries.get('pipe')?.mtime ?? 0)).toBe(1700000000);
      expect(entries.get('pipe')?.type).toBe('fifo');
    });
  }
});

describe('a damaged archive is refused', () => {
  const archive = (): Buffer => execFileSync('tar', ['-C', '/etc', '-cf', '-', 'hostname']);

  test('with a spoiled header', () => {
    const bytes = archive();
    bytes[5] = 0xff;
    expect(() => [...readArchive(bytes)]).toThrow('invalid tar header');
  });

  test('that ends inside a file', () => {
    expect(() => [...readArchive(archive().subarray(0, 514))]).toThrow('unexpected EOF');
  });

  test('but one without its final blocks is read, as tar does', () => {
    expect([...readArchive(archive().subarray(0, 1024))]).toHaveLength(1);
  });
});

test('two blocks of zeros are an empty archive', () => {
  expect([...readArchive(blank)]).toEqual([]);
});

test('the pieces in which an archive comes make no difference', async () => {
  const archive = execFileSync('tar', ['-C', await folder(), '--format=pax', '--mtime=@1.5', '-cf', '-', '.']);
  const whole = readArchive(archive, { pieceBytes: archive.length });
  for (const pieceBytes of [1, 7, 511, 512, 513, 4096]) expect(readArchive(archive, { pieceBytes })).toEqual(whole);
});

test('an archive cut anywhere is its beginning or is refused', async () => {
  const archive = execFileSync('tar', ['-C', await folder(), '--format=pax', '-cf', '-', '.']);
  const whole = readArchive(archive);
  for (let length = 0; length < archive.length; length += 37) {
    try {
      const read = readArchive(archive.subarray(0, length));
      expect(read).toEqual(whole.slice(0, read.length));
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(AppError);
    }
  }
});

/** An entry with a pax header, checksums and all, by the writer's own hand. */
function withPax(records: string): Uint8Array {
  const [paxHeader, entry] = [headerBytes(plain('x', records.length)), headerBytes(plain('a', 0))];
  paxHeader[156] = 'x'.charCodeAt(0);
  paxHeader.set(utf8('        '), 148);
  const sum = paxHeader.reduce((total, byte) => total + byte, 0);
  paxHeader.set(utf8(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return concatBytes([paxHeader, utf8(records), new Uint8Array(paddingOf(records.length)), entry, tarEnd]);
}

function plain(path: string, size: number): TarHeader {
  return { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, link: '', major: 0, minor: 0, xattrs: new Map(), size };
}

test.each([
  ['6 a=b\n', 'nothing that matters'],
  ['10 path=b\n', 'a path'],
  ['8 path=\n', 'an empty value takes back'],
])('the record %j is taken: %s', (record) => {
  expect(readArchive(withPax(record))).toHaveLength(1);
});

test.each([
  '0 a=b\n',
  '99 a=b\n',
  ' 6 a=b\n',
  '1e1 path=b\n',
  '-6 a=b\n',
  '6 a=bc',
  '6 abcd\n',
  '6',
  '11 mtime=x\n',
  '10 uid=-1\n',
  '13 path=a\0bc\n',
  '22 GNU.sparse.major=x\n',
  '22 GNU.sparse.offset=1\n',
  '21 GNU.sparse.map=5,\n',
  '27 GNU.sparse.map=5,3,4,1\n',
  '25 GNU.sparse.numbytes=1\n',
])('the record %j is refused', (record) => {
  expect(() => readArchive(withPax(record))).toThrow(AppError);
});

test("GNU's own sparse files are refused as Docker does, and so is what else has no place in a file system", async () => {
  const path = await mkdtemp(join(tmpdir(), 'tar-'));
  execFileSync('truncate', ['-s', '1M', join(path, 'holes')]);
  const archive = execFileSync('tar', ['-C', path, '--format=gnu', '-S', '-cf', '-', 'holes']);
  expect(() => readArchive(archive)).toThrow('unhandled tar header type 83');
});

test('what is only said takes no memory', () => {
  const huge = headerBytes(plain('huge', 8 ** 11 - 1));
  expect(() => readArchive(huge)).toThrow('unexpected EOF');
});

test('an archive with any bytes spoiled is read or refused, never more', async () => {
  const archive = execFileSync('tar', ['-C', await folder(), '--format=pax', '-cf', '-', '.']);
  const spoil = fc.array(fc.record({ at: fc.nat(archive.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(spoil, (changes) => {
      const spoiled = Uint8Array.from(archive);
      for (const { at, byte } of changes) spoiled[at] = byte;
      try {
        for (const entry of readArchive(spoiled)) expect(entry.data.length).toBeLessThanOrEqual(spoiled.length);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 300 },
  );
});
