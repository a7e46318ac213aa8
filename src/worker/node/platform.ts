import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/streams.ts';
import type { MessagePortLike } from '../../protocol/port-stream.ts';
import { bootFailure, type GuestAssets } from '../assets.ts';
import { openDataRoot } from '../../storage/node/data-root.ts';
import type { OutsideWay } from '../../engine/outside/way.ts';
import { dialLoopback } from './dial-loopback.ts';
import { nodePublisher } from './publish/publisher.ts';
import { nodeSha256 } from './sha256.ts';
import type { HostShare } from '../host.ts';
import type { Platform } from '../platform.ts';

/** Where Node finds what a page would fetch. */
export interface NodeFiles {
  readonly memoryMegabytes: number;
  /** Paths of the guest's files, as `guest/manifest.json` names them. */
  readonly state: string;
  readonly wasm: string;
  readonly disk: string;
  /** Folder of the OCI image layout. */
  readonly images: string;
  /** Folder of the tools' store. */
  readonly tools: string;
  /** Folder for images' contents; one of the user in the system's temporary folder unless given. */
  readonly dataRoot?: string | undefined;
  /** A folder of this machine that the guest has at the same path. */
  readonly share?: HostShare | undefined;
  /** Docker clients of this machine are served. */
  readonly clientsOutside?: boolean;
  /** Ways out of the guest; none unless given. */
  readonly outside?: readonly OutsideWay[] | undefined;
  /** Address of this machine for published ports; they are the guest's alone unless given. */
  readonly publishOn?: string | undefined;
}

export function nodePlatform(files: NodeFiles): Platform {
  const { publishOn } = files;
  return {
    async loadAssets(): Promise<GuestAssets> {
      const [state, wasm, disk] = await Promise.all([load(files.state), load(files.wasm), load(files.disk)]);
      return { memoryMegabytes: files.memoryMegabytes, state, wasm, disk };
    },
    openImageFile: (_options, path) => Promise.resolve(fileSource(join(files.images, path))),
    openToolFile: (_options, path) => Promise.resolve(fileSource(join(files.tools, path))),
    sha256: nodeSha256,
    openStorage: () => openDataRoot(files.dataRoot),
    share: files.share,
    clientsOutside: files.clientsOutside,
    // In a page's place it would give what runs in the guest a way to this machine.
    dialLoopback: files.clientsOutside === true ? dialLoopback : undefined,
    publisher: publishOn === undefined ? undefined : (sockets) => nodePublisher(publishOn, sockets),
    outside: files.outside,
    createPorts: () => {
      const { port1, port2 } = new MessageChannel();
      return [nodePort(port1), nodePort(port2)];
    },
  };
}

/** Node keeps a process alive for an open port; a terminal is no reason to stay. */
function nodePort(port: MessagePort & { unref?(): void }): MessagePortLike {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    addEventListener: (type, listener) => port.addEventListener(type, listener),
    start() {
      port.start();
      port.unref?.();
    },
    close: () => port.close(),
  };
}

async function load(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    throw bootFailure('asset_missing', `${path} cannot be read`, { url: path }, cause);
  }
}

function fileSource(path: string): ByteSource {
  const stream = createReadStream(path);
  const chunks = stream[Symbol.asyncIterator]();
  return {
    async read() {
      try {
        const next: IteratorResult<unknown> = await chunks.next();
        return next.value instanceof Uint8Array ? next.value : null;
      } catch (cause) {
        throw new AppError('not_found', `${path} cannot be read`, { cause });
      }
    },
    cancel: () => void stream.destroy(),
  };
}
