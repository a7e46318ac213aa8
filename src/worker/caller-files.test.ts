import { describe, expect, it } from 'vitest';
import { AppError } from '../base/errors.ts';
import { utf8 } from '../base/bytes.ts';
import type { GuestChannel } from '../guest/channel.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { callerFiles } from './caller-files.ts';

/** An agent with files: contents, an errno, or zeros without end. */
function filesOf(files: Readonly<Record<string, Uint8Array | number | 'zeros'>>, cwd = '/home/me') {
  const asked: string[] = [];
  const answer = (record: Uint8Array): Uint8Array => {
    const [item] = decodeRecord('inspectSpec', record).items;
    if (item === undefined) throw new Error('nothing asked');
    asked.push(item.path);
    const file = files[item.path] ?? 2;
    const start = Number(item.offset);
    const data =
      file === 'zeros' ? new Uint8Array(item.max) : typeof file === 'number' ? new Uint8Array() : file.slice(start, start + item.max);
    return encodeRecord('inspectReply', { results: [{ error: typeof file === 'number' ? file : 0, data }] });
  };
  const channel: Pick<GuestChannel, 'open'> = {
    open: (_, record) => ({ reply: Promise.resolve(record).then(answer) }) as ReturnType<GuestChannel['open']>,
  };
  return { asked, ...callerFiles(channel, { cwd, uid: 0, gid: 0 }) };
}

describe('files of the caller', () => {
  it('are found from the current folder, in pieces', async () => {
    const long = utf8(`${'x'.repeat(60)}\n`.repeat(2000));
    const { readFile, asked } = filesOf({ '/home/me/a': long, '/b': utf8('b') });
    expect(await readFile('a')).toEqual(long);
    expect(await readFile('a', 100)).toEqual(long);
    expect(await readFile('/b')).toEqual(utf8('b'));
    expect(new Set(asked)).toEqual(new Set(['/home/me/a', '/b']));
  });

  it('are not found from a folder that was removed, absolute ones are', async () => {
    const { readFile, writeFile, asked } = filesOf({ '/a': utf8('of the root') }, '');
    await expect(readFile('a')).rejects.toMatchObject({ kind: 'not_found', message: 'open a: no such file or directory' });
    await expect(writeFile('a', utf8('x'))).rejects.toMatchObject({ kind: 'not_found', message: 'open a: no such file or directory' });
    expect(asked).toEqual([]);
    expect(await readFile('/a')).toEqual(utf8('of the root'));
  });

  it.each([
    [6, 'invalid', 'open /x: no such device or address'],
    [13, 'forbidden', 'open /x: permission denied'],
    [20, 'invalid', 'open /x: not a directory'],
    [21, 'invalid', 'read /x: is a directory'],
    [40, 'invalid', 'open /x: too many levels of symbolic links'],
  ])('that fail with errno %i say why as Go does', async (errno, kind, message) => {
    const failed: unknown = await filesOf({ '/x': errno })
      .readFile('/x')
      .catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(AppError);
    expect(failed).toMatchObject({ kind, message });
  });

  it('without end are read as far as a line may be long', async () => {
    const { readFile, asked } = filesOf({ '/dev/zero': 'zeros' });
    expect((await readFile('/dev/zero', 65_535)).length).toBe(65_536);
    expect(asked).toHaveLength(2);
    await expect(readFile('/dev/zero')).rejects.toMatchObject({ kind: 'exhausted' });
  });
});
