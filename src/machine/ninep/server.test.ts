import { beforeEach, describe, expect, test, vi } from 'vitest';
import { fromUtf8, utf8 } from '../../base/bytes.ts';
import { NinepClient } from '../testing/ninep-client.ts';
import { modeType, type ImmutableTree, type TreeNode } from '../../base/file-tree.ts';
import { errno } from './errno.ts';
import { Namespace } from './namespace.ts';
import { NinepServer, type ChannelFile, type HeldRead } from './server.ts';
import { messageType, qidType } from './wire.ts';

class RecordingChannel implements ChannelFile {
  readonly held: HeldRead[] = [];
  readonly received: Uint8Array[] = [];
  hold(read: HeldRead): void {
    this.held.push(read);
  }
  flush(read: HeldRead): void {
    this.held.splice(this.held.indexOf(read), 1);
    read.answer(new Uint8Array(read.count));
  }
  receive(bytes: Uint8Array): void {
    this.received.push(bytes);
  }
}

const owner = { uid: 0, gid: 0, mtime: 1_600_000_000 };

function file(ino: number, text: string, extra: Partial<TreeNode> = {}): TreeNode {
  const bytes = utf8(text);
  return {
    ...owner,
    ino,
    mode: modeType.file | 0o644,
    size: bytes.length,
    read: (offset, count) => bytes.subarray(offset, offset + count),
    ...extra,
  };
}

function directory(ino: number, children: Record<string, TreeNode>, extra: Partial<TreeNode> = {}): TreeNode {
  return { ...owner, ino, mode: modeType.directory | 0o755, size: 0, children: new Map(Object.entries(children)), ...extra };
}

const twice = file(5, 'one file, two names', { nlink: 2 });

function sampleTree(): ImmutableTree {
  return {
    inodes: 20,
    root: directory(0, {
      etc: directory(
        1,
        {
          passwd: file(2, 'root:x:0:0', { uid: 7, gid: 8, mode: modeType.file | 0o4755 }),
          late: file(3, 'later', { read: async () => utf8('later') }),
        },
        {
          xattrs: new Map([['trusted.overlay.opaque', utf8('y')]]),
        },
      ),
      link: { ...owner, ino: 4, mode: modeType.symlink | 0o777, size: 0, target: '/etc/passwd' },
      a: twice,
      b: twice,
      gone: { ...owner, ino: 6, mode: modeType.characterDevice, size: 0, device: { major: 0, minor: 0 } },
      tty: { ...owner, ino: 7, mode: modeType.characterDevice | 0o666, size: 0, device: { major: 5, minor: 300 } },
      broken: file(8, 'xxxx', { read: () => Promise.reject(new Error('the blob is damaged')) }),
    }),
  };
}

let channel: RecordingChannel;
let namespace: Namespace;
let server: NinepServer;
let client: NinepClient;

beforeEach(async () => {
  channel = new RecordingChannel();
  namespace = new Namespace();
  namespace.add('one', sampleTree());
  server = new NinepServer(namespace, channel);
  client = new NinepClient(server);
  await client.connect();
});

const failsWith = (number: number) => expect.objectContaining({ errno: number });

describe('session', () => {
  test('agrees on 9P2000.L and the size of a message', async () => {
    expect(await client.connect(1)).toEqual({ messageBytes: 131072, version: '9P2000.L' });
  });

  test('does not know another protocol', async () => {
    const reply = await client.request(messageType.version, (m) => m.u32(8192).string('9P2000.u'));
    reply.u32();
    expect(reply.string()).toBe('unknown');
  });

  test('a new version drops all fids', async () => {
    const fid = await client.open('/layers/one/a');
    await client.connect();
    await expect(client.read(fid, 0, 10).data).rejects.toEqual(failsWith(errno.EBADF));
  });

  test('a message that is cut off is EINVAL and an unknown one EOPNOTSUPP', async () => {
    await expect(client.request(messageType.walk, (m) => m.u32(0))).rejects.toEqual(failsWith(errno.EINVAL));
    await expect(client.request(200, () => undefined)).rejects.toEqual(failsWith(errno.EOPNOTSUPP));
  });
});

describe('trees', () => {
  test('mode, owner, size, time and links are those of the node', async () => {
    expect(await client.getattr('/layers/one/etc/passwd')).toMatchObject({
      mode: modeType.file | 0o4755,
      uid: 7,
      gid: 8,
      size: 10,
      mtime: 1_600_000_000,
      nlink: 1,
    });
    expect(await client.getattr('/layers/one/etc')).toMatchObject({
      mode: modeType.directory | 0o755,
      qidType: qidType.directory,
      nlink: 2,
    });
  });

  test('two names of a hard link are one inode', async () => {
    const [a, b] = [await client.getattr('/layers/one/a'), await client.getattr('/layers/one/b')];
    expect(a).toEqual(b);
    expect(a.nlink).toBe(2);
  });

  test('a whiteout is character device 0:0 and device numbers are in Linux encoding', async () => {
    expect(await client.getattr('/layers/one/gone')).toMatchObject({ mode: modeType.characterDevice, rdev: 0 });
    expect(await client.getattr('/layers/one/tty')).toMatchObject({ rdev: (300 & 0xff) | (5 << 8) | ((300 & ~0xff) << 12) });
  });

  test('a symlink is read, a file is no symlink', async () => {
    const link = await client.walk('/layers/one/link');
    expect((await client.request(messageType.readlink, (m) => m.u32(link))).string()).toBe('/etc/passwd');
    expect((await client.getattr('/layers/one/link')).size).toBe('/etc/passwd'.length);
    const plain = await client.walk('/layers/one/a');
    await expect(client.request(messageType.readlink, (m) => m.u32(plain))).rejects.toEqual(failsWith(errno.EINVAL));
  });

  test('files are read at any offset, at once or later', async () => {
    const fid = await client.open('/layers/one/etc/passwd');
    expect(fromUtf8(await client.read(fid, 5, 3).data)).toBe('x:0');
    expect(await client.read(fid, 10, 3).data).toHaveLength(0);
    const late = await client.open('/layers/one/etc/late');
    const { data } = client.read(late, 0, 100);
    expect(server.pending).toBe(1);
    expect(fromUtf8(await data)).toBe('later');
    expect(server.pending).toBe(0);
  });

  test('contents that cannot be had are EIO', async () => {
    const fid = await client.open('/layers/one/broken');
    await expect(client.read(fid, 0, 4).data).rejects.toEqual(failsWith(errno.EIO));
  });

  test('a directory is listed whole whatever the portions', async () => {
    const names = ['.', '..', 'etc', 'link', 'a', 'b', 'gone', 'tty', 'broken'];
    expect(await client.list('/layers/one')).toEqual(names);
    expect(await client.list('/layers/one', 60)).toEqual(names);
    expect(await client.list('/')).toEqual(['.', '..', 'layers', 'channel']);
  });

  test('a walk stops at the missing name and makes no fid', async () => {
    const walk = (fid: number, names: string[]) =>
      client.request(messageType.walk, (m) => {
        m.u32(0).u32(fid).u16(names.length);
        for (const name of names) m.string(name);
      });
    expect((await walk(50, ['layers', 'one', 'nothing', 'x'])).u16()).toBe(2);
    await expect(client.clunk(50)).rejects.toEqual(failsWith(errno.EBADF));
    await expect(walk(50, ['nothing'])).rejects.toEqual(failsWith(errno.ENOENT));
    expect((await walk(50, ['layers', '..', '..', 'layers'])).u16()).toBe(4);
    await expect(walk(50, ['layers'])).rejects.toEqual(failsWith(errno.EBADF));
  });

  test('extended attributes are read by name and as a list', async () => {
    const etc = await client.walk('/layers/one/etc');
    const xattr = async (fid: number, newFid: number, name: string) => {
      const size = (await client.request(messageType.xattrwalk, (m) => m.u32(fid).u32(newFid).string(name))).u64();
      return fromUtf8(await client.read(newFid, 0, size).data);
    };
    expect(await xattr(etc, 60, 'trusted.overlay.opaque')).toBe('y');
    expect(await xattr(etc, 61, '')).toBe('trusted.overlay.opaque\0');
    await expect(xattr(etc, 62, 'user.none')).rejects.toEqual(failsWith(errno.ENODATA));
  });

  test('nothing can be changed', async () => {
    const fid = await client.walk('/layers/one/a');
    await expect(client.request(messageType.lopen, (m) => m.u32(fid).u32(1))).rejects.toEqual(failsWith(errno.EROFS));
    await expect(client.request(messageType.lopen, (m) => m.u32(fid).u32(0o1000))).rejects.toEqual(failsWith(errno.EROFS));
    for (const type of [
      messageType.lcreate,
      messageType.mkdir,
      messageType.unlinkat,
      messageType.renameat,
      messageType.setattr,
      messageType.link,
      messageType.symlink,
      messageType.mknod,
    ]) {
      await expect(client.request(type, (m) => m.u32(fid).u32(0).u32(0).u32(0).u32(0))).rejects.toEqual(failsWith(errno.EROFS));
    }
    await client.request(messageType.lopen, (m) => m.u32(fid).u32(0));
    await expect(client.write(fid, utf8('x'))).rejects.toEqual(failsWith(errno.EROFS));
  });

  test('remove fails and takes the fid', async () => {
    const fid = await client.walk('/layers/one/a');
    await expect(client.request(messageType.remove, (m) => m.u32(fid))).rejects.toEqual(failsWith(errno.EROFS));
    await expect(client.clunk(fid)).rejects.toEqual(failsWith(errno.EBADF));
  });

  test('statfs says 9p and locks are granted', async () => {
    const fid = await client.open('/layers/one/a');
    expect((await client.request(messageType.statfs, (m) => m.u32(fid))).u32()).toBe(0x01021997);
    expect((await client.request(messageType.lock, (m) => m.u32(fid).u8(0).u32(0).u64(0).u64(0).u32(1).string('c'))).u8()).toBe(0);
    expect((await client.request(messageType.getlock, (m) => m.u32(fid).u8(0).u64(0).u64(0).u32(1).string('c'))).u8()).toBe(2);
  });

  test('a tree that comes later is there, one that is taken away is gone, and inodes never meet', async () => {
    await expect(client.getattr('/layers/two')).rejects.toEqual(failsWith(errno.ENOENT));
    namespace.add('two', sampleTree());
    const [one, two] = [await client.getattr('/layers/one/a'), await client.getattr('/layers/two/a')];
    expect(two.inode).not.toBe(one.inode);
    namespace.remove('two');
    await expect(client.getattr('/layers/two')).rejects.toEqual(failsWith(errno.ENOENT));
    namespace.add('three', sampleTree());
    namespace.add('two', sampleTree());
    expect((await client.getattr('/layers/two/a')).inode).toBe(two.inode);
    expect((await client.getattr('/layers/three/a')).inode).not.toBe(two.inode);
  });
});

describe('the channel', () => {
  test('a read at offset 0 is held, one further on ends at once', async () => {
    const fid = await client.open('/channel', 2);
    const { data } = client.read(fid, 0, 64);
    expect(channel.held.map((read) => read.count)).toEqual([64]);
    expect(await client.read(fid, 64, 64).data).toHaveLength(0);
    channel.held[0]?.answer(new Uint8Array(64).fill(1));
    expect(await data).toEqual(new Uint8Array(64).fill(1));
    expect(server.pending).toBe(0);
  });

  test('writes arrive in order', async () => {
    const fid = await client.open('/channel', 2);
    expect(await client.write(fid, utf8('ab'))).toBe(2);
    expect(await client.write(fid, utf8('cd'))).toBe(2);
    expect(channel.received.map(fromUtf8)).toEqual(['ab', 'cd']);
  });

  test('a flush answers the held read before Rflush', async () => {
    const fid = await client.open('/channel', 2);
    const { tag, data } = client.read(fid, 0, 32);
    await client.request(messageType.flush, (m) => m.u16(tag));
    expect(await data).toEqual(new Uint8Array(32));
    expect(client.replies.slice(-2)).toEqual([`${messageType.read + 1}#${tag}`, `${messageType.flush + 1}#${tag + 1}`]);
    expect(channel.held).toHaveLength(0);
  });

  test('who reads or writes first owns it until the file is closed', async () => {
    const fid = await client.open('/channel', 2);
    const writeback = await client.open('/channel', 2);
    void client.read(fid, 0, 32);
    await expect(client.read(writeback, 0, 32).data).rejects.toEqual(failsWith(errno.EBUSY));
    await expect(client.write(writeback, utf8('x'))).rejects.toEqual(failsWith(errno.EBUSY));
    await client.clunk(fid);
    void client.read(writeback, 0, 32);
    expect(channel.held).toHaveLength(2);
  });

  test('the kernel may set its times and sync it', async () => {
    const fid = await client.open('/channel', 2);
    await client.request(messageType.setattr, (m) => m.u32(fid).u32(0).u32(0).u32(0).u32(0).u64(0).u64(0).u64(0).u64(0).u64(0));
    await client.request(messageType.fsync, (m) => m.u32(fid).u32(0));
  });
});

describe('pending requests', () => {
  test('a flushed read of a file is EINTR, and its late contents go nowhere', async () => {
    let supply: (bytes: Uint8Array) => void = () => undefined;
    namespace.add('slow', {
      inodes: 2,
      root: directory(0, { f: file(1, 'xxxx', { read: () => new Promise((resolve) => (supply = resolve)) }) }),
    });
    const fid = await client.open('/layers/slow/f');
    const { tag, data } = client.read(fid, 0, 4);
    await Promise.all([client.request(messageType.flush, (m) => m.u16(tag)), expect(data).rejects.toEqual(failsWith(errno.EINTR))]);
    const before = client.replies.length;
    supply(utf8('late'));
    await Promise.resolve();
    expect(client.replies).toHaveLength(before);
    expect(server.pending).toBe(0);
  });

  test('a flush of a request that is over is answered', async () => {
    await client.request(messageType.flush, (m) => m.u16(9));
  });

  test('whenIdle waits for the last of them', async () => {
    const fid = await client.open('/channel', 2);
    void client.read(fid, 0, 16);
    let idle = false;
    const waiting = server.whenIdle().then(() => (idle = true));
    await Promise.resolve();
    expect(idle).toBe(false);
    channel.held[0]?.answer(new Uint8Array(16));
    await waiting;
  });
});

describe('tools', () => {
  const load = vi.fn<() => Promise<{ name: string; tree: ImmutableTree }>>();
  const usual = (): Promise<{ name: string; tree: ImmutableTree }> => Promise.resolve({ name: 'first', tree: sampleTree() });

  beforeEach(async () => {
    load.mockReset().mockImplementation(usual);
    namespace = new Namespace({ load });
    namespace.add('one', sampleTree());
    server = new NinepServer(namespace, channel);
    client = new NinepClient(server);
    await client.connect();
  });

  test('are loaded when something in them is looked for, once, and not before', async () => {
    expect(await client.list('/')).toContain('tools');
    expect((await client.getattr('/tools')).mode).toBe(modeType.directory | 0o755);
    await client.getattr('/layers/one/a');
    expect(load).not.toHaveBeenCalled();
    expect(fromUtf8(await client.read(await client.open('/tools/etc/passwd'), 0, 4).data)).toBe('root');
    expect(await client.list('/tools')).toEqual(expect.arrayContaining(['etc', 'a']));
    expect(load).toHaveBeenCalledTimes(1);
  });

  test('are listed by loading them', async () => {
    expect(await client.list('/tools')).toContain('etc');
  });

  test('have inodes of their own', async () => {
    const [one, tools] = [await client.getattr('/layers/one/a'), await client.getattr('/tools/a')];
    expect(tools.inode).not.toBe(one.inode);
  });

  test('that cannot be loaded are an input/output error, and are tried again by who comes next', async () => {
    load.mockRejectedValueOnce(new Error('offline'));
    await expect(client.getattr('/tools/a')).rejects.toEqual(failsWith(errno.EIO));
    expect((await client.getattr('/tools/a')).nlink).toBe(2);
  });

  test('that take long can be given up by who waits, and do not hold up others', async () => {
    let loaded = (_: { name: string; tree: ImmutableTree }): void => undefined;
    load.mockImplementationOnce(() => new Promise((resolve) => (loaded = resolve)));
    const waiting = client.call(messageType.walk, (m) => m.u32(0).u32(900).u16(2).string('tools').string('a'));
    const refused = expect(waiting.reply).rejects.toEqual(failsWith(errno.EINTR));
    await client.getattr('/layers/one/a');
    expect(server.pending).toBe(1);
    await client.request(messageType.flush, (m) => m.u16(waiting.tag));
    await refused;
    loaded({ name: 'first', tree: sampleTree() });
    expect((await client.getattr('/tools/a')).nlink).toBe(2);
    expect(server.pending).toBe(0);
  });

  test('of a saved session keep their inodes, and open files are read on', async () => {
    const fid = await client.open('/tools/etc/passwd');
    const { inode } = await client.getattr('/tools/a');
    const other = new Namespace({ load });
    const restored = new NinepServer(other, new RecordingChannel());
    restored.restore(structuredClone(server.save()));
    other.add('zero', sampleTree());
    const resumed = new NinepClient(restored, 1000);
    expect(fromUtf8(await resumed.read(fid, 0, 4).data)).toBe('root');
    expect((await resumed.getattr('/tools/a')).inode).toBe(inode);
  });

  test('are not there where a machine has none', async () => {
    const bare = new NinepClient(new NinepServer(new Namespace(), channel));
    await bare.connect();
    await expect(bare.getattr('/tools')).rejects.toEqual(failsWith(errno.ENOENT));
    expect(await bare.list('/')).not.toContain('tools');
  });
});

describe('a saved session', () => {
  test('goes on in another server: open fids, attributes, the channel, inodes', async () => {
    const open = await client.open('/layers/one/etc/passwd');
    const etc = await client.walk('/layers/one/etc');
    await client.request(messageType.xattrwalk, (m) => m.u32(etc).u32(70).string('trusted.overlay.opaque'));
    const link = await client.open('/channel', 2);
    await client.write(link, utf8('x'));
    const { inode } = await client.getattr('/layers/one/a');

    const restoredChannel = new RecordingChannel();
    const restoredNamespace = new Namespace();
    const restored = new NinepServer(restoredNamespace, restoredChannel);
    restored.restore(structuredClone(server.save()));
    restoredNamespace.add('zero', sampleTree());
    const resumed = new NinepClient(restored, 1000);
    await expect(resumed.read(open, 0, 4).data).rejects.toEqual(failsWith(errno.ESTALE));
    restoredNamespace.add('one', sampleTree());
    expect(fromUtf8(await resumed.read(open, 0, 4).data)).toBe('root');
    expect(fromUtf8(await resumed.read(70, 0, 9).data)).toBe('y');
    expect(await resumed.write(link, utf8('y'))).toBe(1);
    await expect(resumed.open('/channel', 2).then((fid) => resumed.write(fid, utf8('z')))).rejects.toEqual(failsWith(errno.EBUSY));
    expect((await resumed.getattr('/layers/one/a')).inode).toBe(inode);
    expect((await resumed.getattr('/layers/zero/a')).inode).not.toBe(inode);
  });
});
