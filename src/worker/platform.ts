import type { ByteSource } from '../base/streams.ts';
import type { StartSha256 } from '../engine/content/sha256.ts';
import type { ContentStorage } from '../engine/images/images.ts';
import type { OutsideWay } from '../engine/outside/way.ts';
import type { PortPublisher } from '../engine/ports/published-port.ts';
import type { GuestSockets } from '../guest/sockets.ts';
import type { BootOptions, BootProgress } from '../protocol/playground.ts';
import type { MessagePortLike } from '../protocol/port-stream.ts';
import type { GuestAssets } from './assets.ts';
import type { HostShare } from './host.ts';
import type { DialLoopback } from './loopback-registries.ts';

/** What differs between a Web Worker and Node. */
export interface Platform {
  loadAssets(options: BootOptions, onProgress: (progress: BootProgress) => void): Promise<GuestAssets>;
  /** A file of the image layout, e.g. `index.json`, `blobs/sha256/…`. Rejects `not_found` or `unavailable`. */
  openImageFile(options: BootOptions, path: string, signal?: AbortSignal): Promise<ByteSource>;
  /** A file of the tools of the guest's root: `index.json`, `blobs/…`. Rejects `not_found` or `unavailable`. */
  openToolFile(options: BootOptions, path: string): Promise<ByteSource>;
  readonly sha256: StartSha256;
  /** Where images' contents lie; in memory unless there is another place. */
  openStorage?(): Promise<Storage>;
  /** A folder outside that the guest has at the same path. */
  readonly share?: HostShare | undefined;
  /** Docker clients outside the guest are served. */
  readonly clientsOutside?: boolean | undefined;
  /** A port of this machine's loopback, for registries there. */
  readonly dialLoopback?: DialLoopback | undefined;
  /** Makes published ports ports of where this runs; they are the guest's alone without. */
  readonly publisher?: ((sockets: GuestSockets) => PortPublisher) | undefined;
  /** Ways out of the guest, in the order in which they are asked; without any it has none. */
  readonly outside?: readonly OutsideWay[] | undefined;
  /** What leaves the guest goes over a wisp relay from now on; null: over none. */
  useRelay?(url: string | null): void;
  createPorts(): readonly [MessagePortLike, MessagePortLike];
}

export interface Storage extends ContentStorage {
  dispose(): Promise<void>;
}
