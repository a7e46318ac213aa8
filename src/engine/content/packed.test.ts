import { execFileSync } from 'node:child_process';
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import { iterate, readAll, sourceOf, type ByteSource } from '../../base/streams.ts';
import { unbzip2 } from './bzip2.ts';
import { decompressed } from './decompressed.ts';
import { unxz } from './xz.ts';

/** What no dictionary makes small, the same in each run. */
function noise(size: number): Uint8Array {
  let seed = 1;
  return Uint8Array.from({ length: size }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 24;
  });
}

function pack(program: string, options: readonly string[], bytes: Uint8Array): Uint8Array {
  return new Uint8Array(execFileSync(program, [...options, '-c'], { input: bytes, maxBuffer: 64 * 1024 * 1024 }));
}

function inPieces(bytes: Uint8Array, size: number): ByteSource {
  return sourceOf(...Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)));
}

async function expectSame(actual: ByteSource, expected: Uint8Array): Promise<void> {
  expect(Buffer.from(await readAll(actual)).equals(expected)).toBe(true);
}

const lines = utf8(Array.from({ length: 60_000 }, (_, at) => `line ${at * at}\n`).join(''));
const inputs: Readonly<Record<string, Uint8Array>> = {
  nothing: new Uint8Array(0),
  'a byte': utf8('a'),
  lines,
  noise: noise(300_000),
  'runs of each length': concatBytes(Array.from({ length: 300 }, (_, at) => new Uint8Array(at).fill(at & 0xff))),
  zeros: new Uint8Array(3_000_000),
  'a program': new Uint8Array(execFileSync('cat', [process.execPath], { maxBuffer: 2 ** 31 - 1 }).subarray(0, 1_000_000)),
  'what comes again from far back': concatBytes([noise(200_000), lines, noise(200_000)]),
};
const packers = [
  { name: 'bzip2', options: ['-1'], unpack: unbzip2 },
  { name: 'bzip2', options: ['-9'], unpack: unbzip2 },
  { name: 'xz', options: ['-0'], unpack: unxz },
  { name: 'xz', options: ['-9e', '--check=sha256'], unpack: unxz },
  { name: 'xz', options: ['-T2', '--block-size=300000', '--check=crc32'], unpack: unxz },
  { name: 'xz', options: ['--lzma2=preset=6,lc=0,lp=4,pb=0,dict=64KiB', '--check=none'], unpack: unxz },
];

describe.each(packers)('out of $name $options', ({ name, options, unpack }) => {
  test.each(Object.keys(inputs))('comes %s as it was', async (input) => {
    const bytes = inputs[input] ?? new Uint8Array(0);
    await expectSame(unpack(inPieces(pack(name, options, bytes), 60_000)), bytes);
  });

  test('come streams behind one another as one, in the smallest pieces, and known by the first bytes', async () => {
    const both = concatBytes([pack(name, options, utf8('one ')), pack(name, options, utf8('two'))]);
    const unasked = (): never => {
      throw new Error('it is not gzip');
    };
    await expectSame(await decompressed(inPieces(both, 1), unasked), utf8('one two'));
  });

  test('comes an error where it is cut or a byte of it is another, and never other bytes', async () => {
    const text = utf8('abcabcabcabcabd '.repeat(40));
    const whole = pack(name, options, text);
    for (let at = 0; at < whole.length; at += 1) {
      await expect(readAll(unpack(sourceOf(whole.subarray(0, at))))).rejects.toMatchObject({ kind: 'invalid' });
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      const result = await readAll(unpack(sourceOf(changed))).catch((thrown: unknown) => thrown);
      if (result instanceof Uint8Array) expect(Buffer.from(result).equals(text) || options.includes('--check=none')).toBe(true);
      else expect(result).toMatchObject({ name: 'AppError' });
    }
  });
});

test.each([packers[1], packers[3]])('of much that is little no more is made at once than is read: $name', async (packer) => {
  if (packer === undefined) throw new Error('no such packer');
  const bomb = pack(packer.name, ['-9'], new Uint8Array(48 * 1024 * 1024));
  expect(bomb.length).toBeLessThan(60_000);
  const before = process.memoryUsage().arrayBuffers;
  let [size, most] = [0, 0];
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  for await (const chunk of iterate(packer.unpack(sourceOf(bomb)))) {
    size += chunk.length;
    most = Math.max(most, chunk.length, process.memoryUsage().arrayBuffers - before);
  }
  clearInterval(timer);
  expect(size).toBe(48 * 1024 * 1024);
  expect(most).toBeLessThan(100 * 1024 * 1024);
  expect(turns).toBeGreaterThan(10);
});

test('a dictionary of a gigabyte is refused before memory is taken for it', async () => {
  const packed = pack('xz', ['--lzma2=preset=0,dict=1GiB'], utf8('small'));
  await expect(readAll(unxz(sourceOf(packed)))).rejects.toMatchObject({ kind: 'exhausted' });
});

test.each([
  ['bzip2', unbzip2],
  ['xz', unxz],
])('who cancels what comes out of %s gets no more, and its source is left', async (name, unpack) => {
  let cancelled = false;
  const packed = sourceOf(pack(name, [], lines));
  const source = unpack({ read: () => packed.read(), cancel: () => (cancelled = true) });
  expect((await source.read())?.length).toBeGreaterThan(0);
  source.cancel();
  expect(await source.read()).toBeNull();
  expect(cancelled).toBe(true);
});
