import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kernelFolder, partNames, readLock, treeSums } from './lock.ts';

const tsx = join(kernelFolder, '../node_modules/.bin/tsx');

describe('the prebuilt guest', () => {
  const lock = readLock();
  for (const part of partNames.filter((name) => name !== 'agent')) {
    it(`has a ${part} that was built from the sources in this tree`, () => {
      const { inputs, outputs } = treeSums(part);
      expect({ inputs, outputs }).toEqual({ inputs: lock[part]?.inputs, outputs: lock[part]?.outputs });
    });
  }

  it('names a package with a checksum for everything that is not written here', () => {
    const sourced = ['kernel', 'busybox', 'bios'].map((part) => lock[part]?.packages.filter((entry) => entry.sha256 !== undefined).length);
    expect(sourced).toEqual([1, 6, 1]);
  });
});

describe('verify-lock', () => {
  let copy = '';
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'drydock-lock-'));
    cpSync(kernelFolder, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  const verify = () => spawnSync(tsx, [join(copy, 'verify-lock.ts')], { encoding: 'utf8' });

  it('names an input that was changed after the build', () => {
    appendFileSync(join(copy, 'config/net.config'), 'CONFIG_TUN=y\n');
    const { status, stderr } = verify();
    expect(status).toBe(1);
    expect(stderr).toContain('kernel: input config/net.config differs from the one that was locked');
  });

  it('names an input that was added after the build', () => {
    writeFileSync(join(copy, 'config/sound.config'), '');
    const { status, stderr } = verify();
    expect(status).toBe(1);
    expect(stderr).toContain('kernel: input config/sound.config is new since the build');
  });

  it('names an output that is gone', () => {
    rmSync(join(copy, 'dist/bzImage'));
    const { status, stderr } = verify();
    expect(status).toBe(1);
    expect(stderr).toContain('kernel: output dist/bzImage is gone');
  });
});
