import type { NinepServer } from '../ninep/server.ts';
import { MessageReader, messageHeaderBytes, messageType, MessageWriter } from '../ninep/wire.ts';

/** A reply other than the one that was asked for. */
export class NinepError extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`Rlerror ${errno}`);
    this.errno = errno;
  }
}

export interface Attributes {
  readonly qidType: number;
  readonly inode: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly rdev: number;
  readonly size: number;
  readonly mtime: number;
}

interface Call {
  readonly tag: number;
  readonly reply: Promise<MessageReader>;
}

/** The guest's side of the 9p connection, as far as tests need it: real messages, tags and fids. */
export class NinepClient {
  readonly #server: Pick<NinepServer, 'handle'>;
  #nextTag = 1;
  #nextFid: number;
  /** Type and tag of each reply, in order. */
  readonly replies: string[] = [];

  constructor(server: Pick<NinepServer, 'handle'>, firstFid = 100) {
    this.#server = server;
    this.#nextFid = firstFid;
  }

  call(type: number, body: (message: MessageWriter) => void): Call {
    const tag = this.#nextTag++ % 0xfffe;
    const message = new MessageWriter(type, tag);
    body(message);
    const reply = new Promise<MessageReader>((resolve, reject) => {
      this.#server.handle(message.finish().slice(), (bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        if (view.getUint32(0, true) !== bytes.length) throw new Error('the size of a reply is wrong');
        if (view.getUint16(5, true) !== tag) throw new Error('a reply has another tag');
        this.replies.push(`${view.getUint8(4)}#${tag}`);
        const reader = new MessageReader(bytes, messageHeaderBytes);
        if (view.getUint8(4) === type + 1) resolve(reader);
        else reject(new NinepError(reader.u32()));
      });
    });
    return { tag, reply };
  }

  async request(type: number, body: (message: MessageWriter) => void): Promise<MessageReader> {
    return this.call(type, body).reply;
  }

  async connect(rootFid = 0): Promise<{ messageBytes: number; version: string }> {
    const reply = await this.request(messageType.version, (m) => m.u32(131072).string('9P2000.L'));
    const agreed = { messageBytes: reply.u32(), version: reply.string() };
    await this.request(messageType.attach, (m) => m.u32(rootFid).u32(0xffffffff).string('root').string('').u32(0));
    return agreed;
  }

  /** A new fid for a path; rejects with ENOENT when a part of it is missing. */
  async walk(path: string, from = 0): Promise<number> {
    const fid = this.#nextFid++;
    const names = path.split('/').filter((name) => name !== '');
    const reply = await this.request(messageType.walk, (m) => {
      m.u32(from).u32(fid).u16(names.length);
      for (const name of names) m.string(name);
    });
    if (reply.u16() < names.length) throw new NinepError(2);
    return fid;
  }

  async open(path: string, flags = 0): Promise<number> {
    const fid = await this.walk(path);
    await this.request(messageType.lopen, (m) => m.u32(fid).u32(flags));
    return fid;
  }

  read(fid: number, offset: number, count: number): { readonly tag: number; readonly data: Promise<Uint8Array> } {
    const { tag, reply } = this.call(messageType.read, (m) => m.u32(fid).u64(offset).u32(count));
    return { tag, data: reply.then((message) => message.bytes(message.u32())) };
  }

  async write(fid: number, data: Uint8Array): Promise<number> {
    const reply = await this.request(messageType.write, (m) => m.u32(fid).u64(0).u32(data.length).bytes(data));
    return reply.u32();
  }

  async getattr(path: string): Promise<Attributes> {
    const fid = await this.walk(path);
    const reply = await this.request(messageType.getattr, (m) => m.u32(fid).u64(0x7ff));
    await this.clunk(fid);
    reply.u64();
    const qidType = reply.u8();
    reply.u32();
    const inode = reply.u64();
    const [mode, uid, gid] = [reply.u32(), reply.u32(), reply.u32()];
    const [nlink, rdev, size] = [reply.u64(), reply.u64(), reply.u64()];
    reply.u64();
    reply.u64();
    return { qidType, inode, mode, uid, gid, nlink, rdev, size, mtime: reply.u64() };
  }

  /** Names of a directory, read in portions of `count` bytes. */
  async list(path: string, count = 4096): Promise<string[]> {
    const fid = await this.open(path);
    const names: string[] = [];
    let offset = 0;
    for (;;) {
      const reply = await this.request(messageType.readdir, (m) => m.u32(fid).u64(offset).u32(count));
      let left = reply.u32();
      if (left === 0) break;
      while (left > 0) {
        reply.bytes(13);
        offset = reply.u64();
        reply.u8();
        const name = reply.string();
        names.push(name);
        left -= 24 + new TextEncoder().encode(name).length;
      }
    }
    await this.clunk(fid);
    return names;
  }

  async clunk(fid: number): Promise<void> {
    await this.request(messageType.clunk, (m) => m.u32(fid));
  }
}
