import { resolve } from 'node:path';
import { prepareGuest } from './prepare-guest.ts';
import { LocalPlayground } from '../playground.ts';
import { nodePlatform } from './platform.ts';
import type { OutsideWay } from '../../engine/outside/way.ts';
import { openShare } from './share.ts';

export interface NodePlaygroundOptions {
  /** 256 unless given; a start state is made once for each size. */
  readonly memoryMegabytes?: number;
  readonly say?: (line: string) => void;
  /** Folder for images' contents; one of the user in the system's temporary folder unless given. */
  readonly dataRoot?: string | undefined;
  /** A folder of this machine that the guest has at the same path, live both ways. */
  readonly share?: string | undefined;
  /** Docker clients of this machine are served. */
  readonly clientsOutside?: boolean;
  /** Ways out of the guest, in the order in which they are asked; none unless given. */
  readonly outside?: readonly OutsideWay[] | undefined;
  /** Address of this machine for published ports; they are the guest's alone unless given. */
  readonly publishOn?: string | undefined;
}

const images = resolve(import.meta.dirname, '../../../images/oci');
const tools = resolve(import.meta.dirname, '../../../tools/store');

/** A booted playground in this process, from the repository's own files; makes the start state when it is missing or stale. */
export async function createNodePlayground({
  memoryMegabytes = 256,
  say = () => undefined,
  dataRoot,
  share,
  clientsOutside = false,
  publishOn,
  outside,
}: NodePlaygroundOptions = {}): Promise<LocalPlayground> {
  const guest = await prepareGuest(say, memoryMegabytes);
  const { state, wasm, disk } = guest.manifest;
  const path = (file: string): string => guest.paths[file] ?? '';
  const playground = new LocalPlayground(
    nodePlatform({
      memoryMegabytes,
      state: path(state.file),
      wasm: path(wasm.file),
      disk: path(disk.file),
      images,
      tools,
      dataRoot,
      share: share === undefined ? undefined : openShare(share),
      clientsOutside,
      publishOn,
      outside,
    }),
  );
  await playground.lifecycle.boot({ baseUrl: 'file:///', memoryMegabytes }, () => undefined);
  return playground;
}
