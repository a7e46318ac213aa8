import { AppError } from '../base/errors.ts';
import { decodeRecord, encodeRecord } from '../protocol/agent-codec.ts';
import { hostKind, noteKind } from '../protocol/agent.ts';
import { initrdFor, type BootFiles } from './boot-inputs.ts';
import { bootMachine, type Machine } from './machine.ts';
import { packState } from './pack-state.ts';

export interface BootStateOptions extends BootFiles {
  readonly memoryMegabytes: number;
  /** Told what is being done, a line at a time. */
  readonly progress?: (line: string) => void;
}

const smallestLevel = 19;
/** CAP_LAST_CAP of Linux 6.1 is 40. */
const everyCapability = (1n << 41n) - 1n;
/** Pages of freed files and objects become zero (init_on_free=1 of the kernel's command line), which costs nothing in a state. */
const forgetCaches = 'sync; echo 3 >/proc/sys/vm/drop_caches';
/** Blocks of removed files leave the memory of the host at once (disk/trim.ts). */
const freeBlocks = 'mount -o remount,discard /var/lib/drydock';

/** Boots a guest, waits for its agent, and saves it: what the page restores instead of booting. Takes half a minute, most of it packing. */
export async function makeBootState(options: BootStateOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { kernel, rootfs, agent, bios, vgaBios, wasm, disk, memoryMegabytes, progress = () => undefined } = options;
  progress('Booting Linux …');
  const machine = await bootMachine({ wasm, disk, memoryMegabytes, boot: { kernel, bios, vgaBios, initrd: initrdFor(rootfs, agent) } });
  try {
    await readyOrLog(machine);
    await runInGuest(machine, `${freeBlocks} && ${forgetCaches}`);
    progress('Saving the guest …');
    const state = await machine.save();
    progress(`Packing ${(state.length / 1e6).toFixed(1)} MB …`);
    return await packState(state, smallestLevel);
  } finally {
    await machine.dispose();
  }
}

async function readyOrLog(machine: Machine): Promise<void> {
  try {
    await machine.ready;
  } catch (error) {
    throw new AppError('unavailable', `the guest did not start; its last words:\n${machine.consoleText().slice(-2000)}`, { cause: error });
  }
}

async function runInGuest(machine: Machine, script: string): Promise<void> {
  const stream = machine.channel.open(
    hostKind.exec,
    encodeRecord('execSpec', { process: { args: ['/bin/sh', '-c', script], cwd: '/', env: ['PATH=/bin'], capabilities: everyCapability } }),
  );
  let code = -1;
  stream.onNote(({ kind, record }) => {
    if (kind === noteKind.exited) code = decodeRecord('exited', record).code;
  });
  await stream.reply;
  await stream.closed;
  if (code !== 0) throw new AppError('internal', `"${script}" ended with ${code} in the guest`);
}
