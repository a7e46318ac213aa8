import { modeType } from '../../base/file-tree.ts';
import { errno, LinuxError } from './errno.ts';
import { FidTable, type SavedFid } from './fids.ts';
import { NotLoaded, type Namespace, type NamespaceState } from './namespace.ts';
import * as operations from './operations.ts';
import { messageHeaderBytes, MessageReader, messageType, MessageWriter } from './wire.ts';

/** The file `/channel`: reads at offset 0 are held until there is something to say. */
export interface ChannelFile {
  /** A read of `count` bytes waits. `answer` is called once, with exactly `count` bytes; `flush` below asks for that now. */
  hold(read: HeldRead): void;
  /** Answers a held read with nothing new (`used` = 0). */
  flush(read: HeldRead): void;
  receive(bytes: Uint8Array): void;
}

export interface HeldRead {
  readonly count: number;
  answer(bytes: Uint8Array): void;
}

export interface ServerState {
  readonly messageBytes: number;
  readonly fids: readonly SavedFid[];
  /** The fid that owns the channel: -1 for none. */
  readonly channelOwner: number;
  readonly namespace: NamespaceState;
}

type Reply = (message: Uint8Array) => void;
type Operation = (session: operations.Session, request: MessageReader, reply: MessageWriter) => void;

const largestMessage = 512 * 1024;
const protocolName = '9P2000.L';

const simple = new Map<number, Operation>([
  [messageType.attach, operations.attach],
  [messageType.walk, operations.walk],
  [messageType.readlink, operations.readlink],
  [messageType.getattr, operations.getattr],
  [messageType.readdir, operations.readdir],
  [messageType.statfs, operations.statfs],
  [messageType.xattrwalk, operations.xattrwalk],
  [messageType.setattr, operations.setattr],
  [messageType.fsync, operations.fsync],
  [messageType.lock, operations.lock],
  [messageType.getlock, operations.getlock],
]);

const mutations = new Set<number>([
  messageType.lcreate,
  messageType.symlink,
  messageType.mknod,
  messageType.rename,
  messageType.xattrcreate,
  messageType.link,
  messageType.mkdir,
  messageType.renameat,
  messageType.unlinkat,
]);

interface Pending {
  /** Answers the request early, as interrupted. */
  interrupt(): void;
}

/**
 * A 9P2000.L server for one client, the guest's kernel: read-only trees and the channel. Spec: Plan 9's manual section 5 and
 * diod's protocol.md; where they are open, what Linux's fs/9p and net/9p expect.
 */
export class NinepServer {
  readonly #session: operations.Session;
  readonly #channel: ChannelFile;
  readonly #pending = new Map<number, Pending>();
  #channelOwner = -1;
  #idle: (() => void)[] = [];

  constructor(namespace: Namespace, channel: ChannelFile) {
    this.#session = { namespace, fids: new FidTable(namespace), messageBytes: 8192 };
    this.#channel = channel;
  }

  /** Takes one T-message; `reply` gets its R-message, now or later. Replies to different requests may come in any order. */
  handle(message: Uint8Array, reply: Reply): void {
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const type = view.getUint8(4);
    const tag = view.getUint16(5, true);
    try {
      this.#dispatch(type, tag, new MessageReader(message, messageHeaderBytes), reply);
    } catch (error) {
      if (error instanceof NotLoaded) this.#whenLoaded(tag, error.load(), message.slice(), reply);
      else reply(errorReply(tag, error));
    }
  }

  /** Requests that are not answered yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Resolves when every request has been answered. */
  whenIdle(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  save(): ServerState {
    const { messageBytes, fids, namespace } = this.#session;
    return { messageBytes, fids: fids.save(), channelOwner: this.#channelOwner, namespace: namespace.save() };
  }

  restore(state: ServerState): void {
    this.#session.messageBytes = state.messageBytes;
    this.#session.namespace.restore(state.namespace);
    this.#session.fids.restore(state.fids);
    this.#channelOwner = state.channelOwner;
  }

  #dispatch(type: number, tag: number, request: MessageReader, reply: Reply): void {
    const operation = simple.get(type);
    if (operation !== undefined) {
      const message = new MessageWriter(type + 1, tag);
      operation(this.#session, request, message);
      reply(message.finish());
      return;
    }
    if (mutations.has(type)) throw new LinuxError(errno.EROFS);
    switch (type) {
      case messageType.read:
        this.#read(tag, request, reply);
        return;
      case messageType.write:
        this.#write(tag, request, reply);
        return;
      case messageType.lopen:
        this.#open(tag, request, reply);
        return;
      case messageType.clunk:
        this.#clunk(request);
        reply(new MessageWriter(messageType.clunk + 1, tag).finish());
        return;
      case messageType.remove:
        // remove(5): the fid is gone even if the file is not.
        this.#clunk(request);
        throw new LinuxError(errno.EROFS);
      case messageType.flush:
        this.#pending.get(request.u16())?.interrupt();
        reply(new MessageWriter(messageType.flush + 1, tag).finish());
        return;
      case messageType.version:
        this.#version(tag, request, reply);
        return;
      default:
        throw new LinuxError(errno.EOPNOTSUPP);
    }
  }

  #version(tag: number, request: MessageReader, reply: Reply): void {
    for (const pending of [...this.#pending.values()]) pending.interrupt();
    this.#session.fids.clear();
    this.#channelOwner = -1;
    this.#session.messageBytes = Math.min(request.u32(), largestMessage);
    const version = request.string();
    const message = new MessageWriter(messageType.version + 1, tag);
    reply(
      message
        .u32(this.#session.messageBytes)
        .string(version === protocolName ? version : 'unknown')
        .finish(),
    );
  }

  #open(tag: number, request: MessageReader, reply: Reply): void {
    const message = new MessageWriter(messageType.lopen + 1, tag);
    operations.open(this.#session, request, message);
    reply(message.finish());
  }

  #clunk(request: MessageReader): void {
    const number = request.u32();
    this.#session.fids.delete(number);
    if (number === this.#channelOwner) this.#channelOwner = -1;
  }

  /**
   * Who reads or writes the channel first owns it until the file is closed: another reader would take frames from the agent. (A rule
   * for opening would not do: the kernel opens the file a second time by itself, as the inode's writeback fid.)
   */
  #ownChannel(number: number): void {
    if (this.#channelOwner === -1) this.#channelOwner = number;
    if (this.#channelOwner !== number) throw new LinuxError(errno.EBUSY);
  }

  /** fid[4] offset[8] count[4] -> count[4] data */
  #read(tag: number, request: MessageReader, reply: Reply): void {
    const number = request.u32();
    const offset = request.u64();
    const fid = this.#session.fids.get(number);
    const file = this.#session.fids.file(number);
    const count = operations.readLimit(this.#session, request.u32());
    if (fid.xattr !== null) {
      reply(dataReply(tag, operations.xattrValue(file.node, fid.xattr).subarray(offset, offset + count)));
      return;
    }
    if (!fid.open) throw new LinuxError(errno.EBADF);
    if (file.role === 'channel') {
      this.#ownChannel(number);
      this.#readChannel(tag, offset, count, reply);
      return;
    }
    if ((file.node.mode & modeType.mask) === modeType.directory) throw new LinuxError(errno.EISDIR);
    if (file.node.read === undefined || offset >= file.node.size || count === 0) {
      reply(dataReply(tag, nothing));
      return;
    }
    const data = file.node.read(offset, count);
    if (data instanceof Uint8Array) reply(dataReply(tag, data.subarray(0, count)));
    else this.#later(tag, data, count, reply);
  }

  #later(tag: number, data: Promise<Uint8Array>, count: number, reply: Reply): void {
    this.#wait(tag, data, reply, (bytes) => reply(dataReply(tag, bytes.subarray(0, count))));
  }

  /** A request that changed nothing yet is dealt with again, as if it came only now. */
  #whenLoaded(tag: number, loaded: Promise<void>, message: Uint8Array, reply: Reply): void {
    this.#wait(tag, loaded, reply, () => this.handle(message, reply));
  }

  /** Answers the request by `done`, or as interrupted, or that `work` failed. */
  #wait<T>(tag: number, work: Promise<T>, reply: Reply, done: (result: T) => void): void {
    const once = (answer: () => void): void => {
      if (this.#pending.get(tag) !== pending) return;
      this.#settle(tag);
      answer();
    };
    const fail = (error: unknown): void => once(() => reply(errorReply(tag, error)));
    const pending: Pending = { interrupt: () => fail(new LinuxError(errno.EINTR)) };
    this.#pending.set(tag, pending);
    work.then((result) => once(() => done(result)), fail);
  }

  #readChannel(tag: number, offset: number, count: number, reply: Reply): void {
    if (offset > 0 || count === 0) {
      reply(dataReply(tag, nothing));
      return;
    }
    const read: HeldRead = {
      count,
      answer: (bytes) => {
        this.#settle(tag);
        reply(dataReply(tag, bytes));
      },
    };
    this.#pending.set(tag, { interrupt: () => this.#channel.flush(read) });
    this.#channel.hold(read);
  }

  /** fid[4] offset[8] count[4] data -> count[4] */
  #write(tag: number, request: MessageReader, reply: Reply): void {
    const number = request.u32();
    request.u64();
    const file = this.#session.fids.file(number);
    const data = request.bytes(request.u32());
    if (file.role !== 'channel') throw new LinuxError(errno.EROFS);
    this.#ownChannel(number);
    reply(new MessageWriter(messageType.write + 1, tag, 16).u32(data.length).finish());
    this.#channel.receive(data);
  }

  #settle(tag: number): void {
    this.#pending.delete(tag);
    if (this.#pending.size > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }
}

const nothing = new Uint8Array(0);

function dataReply(tag: number, data: Uint8Array): Uint8Array {
  return new MessageWriter(messageType.read + 1, tag, messageHeaderBytes + 4 + data.length).u32(data.length).bytes(data).finish();
}

/** Rlerror: what is no LinuxError is EIO, as a disk that cannot be read. */
function errorReply(tag: number, error: unknown): Uint8Array {
  return new MessageWriter(messageType.lerror, tag, 16).u32(error instanceof LinuxError ? error.errno : errno.EIO).finish();
}
