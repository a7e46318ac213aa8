import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../../../base/bytes.ts';
import { messageType, type MessageWriter } from '../../ninep/wire.ts';
import { NinepClient } from '../../testing/ninep-client.ts';
import { ownersOf } from './owners.ts';
import { ShareServer } from './share-server.ts';

const root = { uid: 0, gid: 0 };
const writeOnly = 1;
const readWrite = 2;
const { EPERM, ENOENT, EEXIST, EISDIR, EINVAL, ENAMETOOLONG, ELOOP } = {
  EPERM: 1,
  ENOENT: 2,
  EEXIST: 17,
  EISDIR: 21,
  EINVAL: 22,
  ENAMETOOLONG: 36,
  ELOOP: 40,
};

let outside: string;
let folder: string;
let server: ShareServer;
let client: NinepClient;

beforeEach(async () => {
  outside = realpathSync(mkdtempSync(join(tmpdir(), 'share-')));
  folder = join(outside, 'shared');
  mkdirSync(folder);
  writeFileSync(join(outside, 'secret'), 'secret');
  server = new ShareServer(folder, root);
  client = new NinepClient(server);
  await client.connect();
});
afterEach(() => {
  server.dispose();
  rmSync(outside, { recursive: true });
});

const inside = (path: string): string => join(folder, path);
const failure = (errno: number) => expect.objectContaining({ errno });
const ask = (type: number, body: (message: MessageWriter) => void) => client.request(type, body);

async function create(path: string, text: string): Promise<void> {
  const [, parent = '', name = ''] = /^(.*?)([^/]*)$/.exec(path) ?? [];
  const fid = await client.walk(parent);
  await ask(messageType.lcreate, (m) => m.u32(fid).string(name).u32(readWrite).u32(0o100640).u32(0));
  await client.write(fid, utf8(text));
  await client.clunk(fid);
}

async function read(path: string): Promise<string> {
  const fid = await client.open(path);
  const text = fromUtf8(await client.read(fid, 0, 1000).data);
  await client.clunk(fid);
  return text;
}

describe('a folder of the host, shared', () => {
  it('is read and changed on both sides, and nothing of it is remembered', async () => {
    await create('from-guest', 'one');
    expect(readFileSync(inside('from-guest'), 'utf8')).toBe('one');
    expect(lstatSync(inside('from-guest')).mode & 0o7777).toBe(0o640);
    writeFileSync(inside('from-guest'), 'two');
    expect(await read('from-guest')).toBe('two');
    renameSync(inside('from-guest'), inside('moved'));
    expect(await client.list('')).toEqual(['.', '..', 'moved']);
    await expect(client.walk('from-guest')).rejects.toEqual(failure(ENOENT));
    chmodSync(inside('moved'), 0o600);
    expect((await client.getattr('moved')).mode).toBe(0o100600);
  });

  it('has folders, links and renames; what the guest holds follows a rename of the folder above', async () => {
    await ask(messageType.mkdir, (m) => m.u32(0).string('d').u32(0o40755).u32(0));
    await create('d/f', 'text');
    const held = await client.walk('d/f');
    await ask(messageType.renameat, (m) => m.u32(0).string('d').u32(0).string('e'));
    await ask(messageType.lopen, (m) => m.u32(held).u32(0));
    expect(fromUtf8(await client.read(held, 0, 10).data)).toBe('text');
    await ask(messageType.symlink, (m) => m.u32(0).string('l').string('../secret').u32(0));
    expect(readlinkSync(inside('l'))).toBe('../secret');
    await ask(messageType.unlinkat, (m) => m.u32(0).string('l').u32(0));
    await expect(ask(messageType.unlinkat, (m) => m.u32(0).string('e').u32(0))).rejects.toEqual(failure(EISDIR));
    await ask(messageType.link, (m) => m.u32(0).u32(held).string('hard'));
    expect((await client.getattr('hard')).nlink).toBe(2);
  });

  it('an open file that is removed is read and written on', async () => {
    await create('f', 'abc');
    const fid = await client.open('f', readWrite);
    await ask(messageType.unlinkat, (m) => m.u32(0).string('f').u32(0));
    await client.write(fid, utf8('xyz'));
    expect(fromUtf8(await client.read(fid, 0, 10).data)).toBe('xyz');
    expect(server.held.open).toBe(1);
    await client.clunk(fid);
    expect(server.held).toEqual({ fids: 1, open: 0 });
  });

  it('names that are no UTF-8 come and go as they are', async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]), 'bytes');
    const reply = await ask(messageType.walk, (m) => m.u32(0).u32(7).u16(1).u16(2).bytes(Uint8Array.of(0x66, 0xff)));
    expect(reply.u16()).toBe(1);
  });

  it('of 5000 names all are listed, in portions', async () => {
    for (let index = 0; index < 5000; index++) writeFileSync(inside(`file-${index}`), '');
    expect(new Set(await client.list('', 8192)).size).toBe(5002);
  });
});

describe('a hostile guest', () => {
  it('does not get above the folder by names', async () => {
    // ".." of the folder is the folder itself.
    expect((await client.getattr('..')).inode).toBe((await client.getattr('')).inode);
    expect(await client.list('../../..')).toEqual(['.', '..']);
    for (const name of ['../secret', 'a/b', '', '.', '..', 'nul\0byte']) {
      await expect(ask(messageType.mkdir, (m) => m.u32(0).string(name).u32(0o755).u32(0))).rejects.toEqual(failure(EINVAL));
      await expect(ask(messageType.renameat, (m) => m.u32(0).string('x').u32(0).string(name))).rejects.toEqual(failure(EINVAL));
      await expect(ask(messageType.unlinkat, (m) => m.u32(0).string(name).u32(0))).rejects.toEqual(failure(EINVAL));
    }
    await expect(ask(messageType.mkdir, (m) => m.u32(0).string('x'.repeat(256)).u32(0o755).u32(0))).rejects.toEqual(failure(ENAMETOOLONG));
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
  });

  it('does not get out by a link, whether it was there, comes into the way of a held file, or is the file itself', async () => {
    symlinkSync('../secret', inside('out'));
    symlinkSync('..', inside('up'));
    await expect(client.open('out')).rejects.toEqual(failure(EPERM));
    await expect(client.walk('up/secret')).rejects.toEqual(failure(ENOENT));
    const link = await client.walk('up');
    await expect(client.walk('secret', link)).rejects.toEqual(failure(ELOOP));
    await expect(ask(messageType.lcreate, (m) => m.u32(link).string('new').u32(writeOnly).u32(0o644).u32(0))).rejects.toEqual(
      failure(ELOOP),
    );
    await expect(ask(messageType.lcreate, (m) => m.u32(0).string('out').u32(writeOnly).u32(0o644).u32(0))).rejects.toEqual(failure(EPERM));
    await expect(ask(messageType.setattr, (m) => setMode(m, link, 0o777))).rejects.toEqual(failure(95));
    mkdirSync(inside('d'));
    writeFileSync(inside('d/secret'), 'mine');
    const held = await client.walk('d/secret');
    renameSync(inside('d'), inside('d2'));
    symlinkSync('..', inside('d'));
    await expect(ask(messageType.lopen, (m) => m.u32(held).u32(readWrite))).rejects.toEqual(failure(ELOOP));
    await expect(ask(messageType.getattr, (m) => m.u32(held).u64(0x7ff))).rejects.toEqual(failure(ELOOP));
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(lstatSync(outside).mode & 0o777).toBe(0o700);
  });

  it('makes no device, no setuid program, opens no FIFO, and does not make what is there already', async () => {
    await expect(ask(messageType.mknod, (m) => m.u32(0).string('n').u32(0o20666).u32(1).u32(3).u32(0))).rejects.toEqual(failure(EPERM));
    const fid = await client.walk('');
    await ask(messageType.lcreate, (m) => m.u32(fid).string('suid').u32(writeOnly).u32(0o104755).u32(0));
    expect(lstatSync(inside('suid')).mode & 0o7777).toBe(0o755);
    await ask(messageType.setattr, (m) => setMode(m, fid, 0o6711));
    expect(lstatSync(inside('suid')).mode & 0o7777).toBe(0o711);
    execFileSync('mkfifo', [inside('fifo')]);
    await expect(client.open('fifo')).rejects.toEqual(failure(EPERM));
    await expect(ask(messageType.lcreate, (m) => m.u32(0).string('fifo').u32(writeOnly).u32(0o644).u32(0))).rejects.toEqual(failure(EPERM));
    await expect(ask(messageType.mkdir, (m) => m.u32(0).string('suid').u32(0o755).u32(0))).rejects.toEqual(failure(EEXIST));
  });

  it('holds 65536 files at most; short messages and unknown requests are errors', async () => {
    for (let fid = 1; fid < 65_536; fid++) server.handle(walkTo(fid), () => undefined);
    expect(errnoOf(walkTo(70_000))).toBe(23);
    expect(server.held.fids).toBe(65_536);
    await expect(ask(messageType.walk, (m) => m.u32(0))).rejects.toEqual(failure(EINVAL));
    await expect(ask(200, () => undefined)).rejects.toEqual(failure(95));
    await client.connect();
    expect(server.held.fids).toBe(1);
  });
});

it("files of an engine that is not root's are root's in the guest, and nobody else's", () => {
  const owners = ownersOf({ uid: 1000, gid: 1000 });
  expect(owners.shown(1000n, 1000n)).toEqual({ uid: 0, gid: 0 });
  expect(owners.shown(0n, 5n)).toEqual({ uid: 0, gid: 5 });
  expect(owners.given(0, 0)).toBe(null);
  expect(() => owners.given(33, null)).toThrow(expect.objectContaining({ errno: EPERM }));
});

function errnoOf(message: Uint8Array): number {
  let errno = 0;
  server.handle(message, (reply) => (errno = new DataView(reply.buffer, reply.byteOffset).getUint32(7, true)));
  return errno;
}

function setMode(message: MessageWriter, fid: number, mode: number): MessageWriter {
  return message.u32(fid).u32(1).u32(mode).u32(0).u32(0).u64(0).u64(0).u64(0).u64(0).u64(0);
}

function walkTo(fid: number): Uint8Array {
  const bytes = new Uint8Array(17);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 17, true);
  view.setUint8(4, messageType.walk);
  view.setUint32(11, fid, true);
  return bytes;
}
