import { AppError } from '../base/errors.ts';
import { fromUtf8 } from '../base/bytes.ts';
import { readAll } from '../base/streams.ts';
import type { GuestProcesses } from './processes.ts';
import { runProgram } from './terminal.ts';

const messageBytes = 4096;

/**
 * Looks for the device and mounts it. Nothing is remembered of it between two looks (cache=none), for its files change on the other side too. What the guest
 * has itself is never hidden.
 */
const script = `
echo 1 >/sys/bus/pci/rescan
mkdir -p "$2" || exit
if [ -n "$(ls -A "$2")" ]; then echo "the guest has files of its own there" >&2; exit 1; fi
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=131072,access=client "$1" "$2"
`;

/** Shows a folder of the host at a path of the guest. @throws AppError conflict, with the reason */
export async function mountShare(processes: GuestProcesses, { tag, path }: { readonly tag: string; readonly path: string }): Promise<void> {
  const { stdout, stderr, exited } = await runProgram(processes, ['/bin/sh', '-c', script, 'sh', tag, path]);
  const [said, , { code }] = await Promise.all([
    stderr === null ? new Uint8Array() : readAll(stderr, messageBytes),
    readAll(stdout, messageBytes),
    exited,
  ]);
  if (code !== 0) throw new AppError('conflict', `${path} cannot be shared: ${fromUtf8(said).trim() || `mount ended with status ${code}`}`);
}
