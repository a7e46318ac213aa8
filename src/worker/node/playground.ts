import { resolve } from 'node:path';
import { prepareGuest } from './prepare-guest.ts';
import { LocalPlayground } from '../playground.ts';
import { nodePlatform } from './platform.ts';

export interface NodePlaygroundOptions {
  /** 256 unless given; a start state is made once for each size. */
  readonly memoryMegabytes?: number;
  readonly say?: (line: string) => void;
  /** Folder for images' contents; one of the user in the system's temporary folder unless given. */
  readonly dataRoot?: string | undefined;
}

const images = resolve(import.meta.dirname, '../../../images/oci');

/** A booted playground in this process, from the repository's own files; makes the start state when it is missing or stale. */
export async function createNodePlayground({
  memoryMegabytes = 256,
  say = () => undefined,
  dataRoot,
}: NodePlaygroundOptions = {}): Promise<LocalPlayground> {
  const guest = await prepareGuest(say, memoryMegabytes);
  const { state, wasm, disk } = guest.manifest;
  const path = (file: string): string => guest.paths[file] ?? '';
  const playground = new LocalPlayground(
    nodePlatform({ memoryMegabytes, state: path(state.file), wasm: path(wasm.file), disk: path(disk.file), images, dataRoot }),
  );
  await playground.lifecycle.boot({ baseUrl: 'file:///', memoryMegabytes }, () => undefined);
  return playground;
}
