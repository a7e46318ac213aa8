import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { readTar, type TarEntry } from './tar.ts';

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

function byPath(entries: Iterable<TarEntry>): Map<string, TarEntry> {
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
      const entries = byPath(readTar(archive));
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
    expect(() => [...readTar(bytes)]).toThrow('invalid tar header');
  });

  test('that ends inside a file', () => {
    expect(() => [...readTar(archive().subarray(0, 514))]).toThrow('unexpected EOF');
  });

  test('but one without its final blocks is read, as tar does', () => {
    expect([...readTar(archive().subarray(0, 1024))]).toHaveLength(1);
  });
});

test('two blocks of zeros are an empty archive', () => {
  expect([...readTar(blank)]).toEqual([]);
});

test('an archive with any bytes spoiled is read or refused, never more', async () => {
  const archive = execFileSync('tar', ['-C', await folder(), '--format=pax', '-cf', '-', '.']);
  const spoil = fc.array(fc.record({ at: fc.nat(archive.length - 1), byte: fc.nat(255) }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(spoil, (changes) => {
      const spoiled = Uint8Array.from(archive);
      for (const { at, byte } of changes) spoiled[at] = byte;
      try {
        for (const entry of readTar(spoiled)) expect(entry.data.length).toBeLessThanOrEqual(spoiled.length);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(AppError);
      }
    }),
    { numRuns: 300 },
  );
});
