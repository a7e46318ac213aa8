import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { modeType } from '../../../src/base/file-tree.ts';
import { agentIsBuilt, coldBoot, output, shell } from './guest.ts';
import { opaque, TreeMaker } from './trees.ts';

const layers = '/run/drydock/host/layers';
const large = new Uint8Array(3_000_000).map((_, index) => (index * 7) & 0xff);

describe.skipIf(!agentIsBuilt)('layers in the guest (skipped without kernel/dist/agent)', () => {
  let machine: Machine;
  const lower = new TreeMaker();
  const upper = new TreeMaker();

  beforeAll(async () => {
    const twice = lower.file('twice', 'one file\n', { nlink: 2 });
    const lowerTree = lower.tree({
      bin: lower.directory({ tool: lower.file('tool', '#!/bin/sh\necho ran $0\n', { mode: modeType.file | 0o4755, uid: 0, gid: 0 }) }),
      etc: lower.directory({ name: lower.file('name', 'lower\n'), old: lower.file('old', 'old\n') }),
      data: lower.directory({ a: lower.file('a', 'a\n'), b: lower.file('b', 'b\n') }),
      link: lower.symlink('etc/name'),
      one: twice,
      two: twice,
      null: lower.device(1, 3),
      large: lower.file('large', large),
      owned: lower.file('owned', 'x', {
        uid: 1000,
        gid: 1001,
        mode: modeType.file | 0o640,
        xattrs: new Map([['user.note', utf8('hello')]]),
      }),
      broken: lower.file('broken', 'xxxx', { read: () => Promise.reject(new Error('damaged')) }),
      many: lower.directory(
        Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`entry-with-a-long-name-${index}`, lower.file('many', '')])),
      ),
    });
    const upperTree = upper.tree({
      etc: upper.directory({ name: upper.file('name', 'upper\n'), old: { ...upper.device(0, 0), mode: modeType.characterDevice } }),
      data: upper.directory({ c: upper.file('c', 'c\n') }, { xattrs: opaque }),
    });
    machine = await coldBoot({ layers: [['lower', lowerTree]] });
    machine.layers.add('upper', upperTree);
  });

  afterAll(() => machine.dispose());

  test('a layer that was added while the guest runs is there', async () => {
    expect(await output(machine, `ls ${layers}`)).toBe('lower\nupper\n');
    await expect(shell(machine, `ls ${layers}/later`)).resolves.toMatchObject({ code: 1 });
    machine.layers.add('later', upper.tree({ f: upper.file('f', 'now\n') }));
    expect(await output(machine, `cat ${layers}/later/f`)).toBe('now\n');
    machine.layers.remove('later');
    expect((await output(machine, `ls ${layers}`)).split('\n')).not.toContain('later');
  });

  test('owner, mode, links, size, times, symlinks and devices are those of the tree', async () => {
    expect(await output(machine, `cd ${layers}/lower && stat -c '%n %a %u:%g %h %s %Y' owned one two bin/tool`)).toBe(
      'owned 640 1000:1001 1 1 1600000000\none 644 0:0 2 9 1600000000\ntwo 644 0:0 2 9 1600000000\nbin/tool 4755 0:0 1 22 1600000000\n',
    );
    expect(await output(machine, `cd ${layers}/lower && readlink link && cat link && stat -c '%t:%T %F' null`)).toBe(
      'etc/name\nlower\n1:3 character special file\n',
    );
    const [one, two] = (await output(machine, `cd ${layers}/lower && stat -c '%i' one two`)).trim().split('\n');
    expect(one).toBe(two);
    expect(await output(machine, `cd ${layers}/lower && find . -links 2 -type f | sort`)).toBe('./one\n./two\n');
  });

  test('inode numbers are unique over all layers', async () => {
    const inodes = (await output(machine, `find ${layers} ! -type f -o -links 1 | xargs stat -c %i`)).trim().split('\n');
    expect(inodes.length).toBeGreaterThan(3000);
    expect(new Set(inodes).size).toBe(inodes.length);
  });

  test('contents come on the first read and from the cache after it', async () => {
    lower.reads.length = 0;
    const sum = await output(machine, `md5sum <${layers}/lower/large`);
    const asked = lower.reads.length;
    expect(asked).toBeGreaterThan(20);
    expect(await output(machine, `md5sum <${layers}/lower/large`)).toBe(sum);
    expect(lower.reads.length).toBe(asked);
    expect(sum).toContain(createHash('md5').update(large).digest('hex'));
  });

  test('programs run from a layer', async () => {
    expect(await output(machine, `${layers}/lower/bin/tool`)).toBe(`ran ${layers}/lower/bin/tool\n`);
  });

  test('a large directory is listed whole', async () => {
    expect((await output(machine, `ls ${layers}/lower/many | wc -l`)).trim()).toBe('3000');
  });

  test('contents that cannot be had are an I/O error', async () => {
    expect(await shell(machine, `cat ${layers}/lower/broken`)).toMatchObject({
      code: 1,
      output: expect.stringContaining('Input/output error'),
    });
  });

  test('nothing in a layer can be changed', async () => {
    for (const change of [
      'echo x >etc/name',
      'rm etc/name',
      'mkdir etc/new',
      'mv etc/name etc/other',
      'ln -s a etc/l',
      'chmod 600 etc/name',
      'touch etc/new',
    ]) {
      const { code, output: said } = await shell(machine, `cd ${layers}/lower && ${change}`);
      expect(code).not.toBe(0);
      expect(said).toMatch(/Read-only|not permitted/);
    }
    expect(await output(machine, `cat ${layers}/lower/etc/name`)).toBe('lower\n');
  });

  test('an overlay honours whiteouts and opaque directories and keeps changes to itself', async () => {
    const place = '/var/lib/drydock/overlay-test';
    await output(
      machine,
      `mkdir -p ${place}/upper ${place}/work ${place}/merged && mount -t overlay -o lowerdir=${layers}/upper:${layers}/lower,upperdir=${place}/upper,workdir=${place}/work overlay ${place}/merged`,
    );
    expect(await output(machine, `cd ${place}/merged && cat etc/name && ls etc data`)).toBe('upper\ndata:\nc\n\netc:\nname\n');
    expect(
      await output(machine, `cd ${place}/merged && echo changed >etc/name && cat etc/name one && echo more >>one && cat one two`),
    ).toBe('changed\none file\none file\nmore\none file\n');
    expect(await output(machine, `cat ${layers}/upper/etc/name`)).toBe('upper\n');
    await output(machine, `umount ${place}/merged`);
  });
});
